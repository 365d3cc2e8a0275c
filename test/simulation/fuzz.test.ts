import fc from '../support/fast-check.ts';
import { readDelivery } from '../../src/load/plan.ts';
import { bodies } from './bodies.ts';
import { SEED } from '../support/seed.ts';
import { givenPath } from './properties.ts';
import { readLedger } from './star.ts';
import { startTestStack } from '../support/stack.ts';
import { write } from './write.ts';

const MESSAGES_PER_DELIVERY = 10;
const DELIVERIES = 1000;
/** Deliveries that go all the way to the warehouse. */
const DELIVERIES_LOADED = 6;

const deliveries = fc.array(bodies, { minLength: MESSAGES_PER_DELIVERY, maxLength: MESSAGES_PER_DELIVERY });
import { landing } from '../support/wire-shapes.ts';

describe('the front door', () => {
  const settings = { seed: SEED, ...givenPath() };

  test('reads ten thousand random and broken messages without losing one, nor their neighbour', () => {
    const neighbour = { key: 'log_data/neighbour.json', size: 1, eTag: 'e', sequencer: 'F'.repeat(18) };
    const eventTime = '2018-11-30T21:04:05.796Z';
    const s3 = { bucket: { name: 'sparkify-landing' }, object: neighbour };
    const good = JSON.stringify({ Records: [{ eventName: 'ObjectCreated:Put', eventTime, s3 }] });
    const property = fc.property(deliveries, fc.nat(MESSAGES_PER_DELIVERY), (broken, place) => {
      const messages = broken.toSpliced(place, 0, good).map((body, id) => ({ messageId: String(id), body }));
      const read = readDelivery(messages, landing);
      const id = read.candidates.find(({ key }) => key === neighbour.key)?.objectId;
      expect(id).toBeDefined();
      expect([...(read.waiting.get(String(place)) ?? [])]).toEqual([id]);
      const refused = read.refused.map(({ messageId }) => messageId);
      expect(refused).not.toContain(String(place));
      expect(new Set(refused).size).toBe(refused.length);
      // Whatever is not refused is either waited for or names nothing to load; none is both.
      expect(refused.some((messageId) => read.waiting.has(messageId))).toBe(false);
    });
    fc.assert(property, { ...settings, numRuns: DELIVERIES });
  }, 120_000);

  test('loads the well-formed message among broken ones', async () => {
    const stack = await startTestStack({ eventSource: false });
    try {
      let number = 0;
      const property = fc.asyncProperty(deliveries, async (broken) => {
        number += 1;
        const key = `log_data/${number}.json`;
        const good = JSON.stringify({
          Records: [await write(stack, key, '{"ts": 1, "sessionId": 1, "itemInSession": 1}', new Date())],
        });
        const { failed, log } = await stack.deliver([...broken, good]);
        const ledger = await readLedger(stack.connection.warehouse, stack.schema);
        expect({ status: ledger.get(key)?.status, log }).toEqual({ status: 'loaded', log });
        expect(failed).not.toContain(good);
      });
      await fc.assert(property, { ...settings, numRuns: DELIVERIES_LOADED });
    } finally {
      await stack.stop();
    }
  }, 120_000);
});
