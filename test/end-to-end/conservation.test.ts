import fc from '../support/fast-check.ts';
import { watchObjects } from '../../src/commands/local-conservation.ts';
import { OBJECT_STATES } from '../../src/ledger/conservation.ts';
import { faultSource, type FaultPlan, type FaultSource } from '../../src/local/faults/plan.ts';
import { event } from '../support/files.ts';
import { SEED } from '../support/seed.ts';
import { startTestStack } from '../support/stack.ts';

/** What a file can be; of healthy ones it is known what they give. */
const contents = fc.oneof(
  { weight: 3, arbitrary: fc.nat(50).map((n) => ({ healthy: true, body: event(n) })) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom(
        'oops',
        '{"Records":[]}',
        '',
        ' \n',
        '{"ts":null}',
        '[1]',
        '{"ts":9e15,"sessionId":1,"itemInSession":0}',
      )
      .map((body) => ({ healthy: false, body })),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }).map((body) => ({ healthy: false, body })) },
);
const steps = fc.array(
  fc.record({
    key: fc.constantFrom(
      'log_data/a.json',
      'log_data/b.json',
      'log_data/c d.json',
      'log_data/e.csv',
      'other/f.json',
      'log_data/g.json',
    ),
    content: contents,
    remove: fc.boolean(),
  }),
  { minLength: 3, maxLength: 14 },
);
const rules: FaultPlan['rules'] = [
  { service: 'notifications', operation: 'Deliver', probability: 0.3, fault: { do: 'duplicate' } },
  { service: 'redshift-data', operation: 'BatchExecuteStatement', probability: 0.2, fault: { do: 'drop reply' } },
  { service: 'redshift-data', operation: 'Statement', probability: 0.01, fault: { do: 'kill' } },
  { service: 's3', operation: 'PutObject', probability: 0.05, fault: { do: 'throttle' } },
];

describe('whatever lands, in whatever order and with whatever faults', () => {
  test.each(fc.sample(steps, { numRuns: 3, seed: SEED }).map((history, run) => [run, history] as const))(
    'every version that was seen is in one state, and healthy files load (history %i)',
    async (run, history) => {
      const planned = faultSource({ seed: SEED + run, rules });
      let isReady = false as boolean;
      // Making the tables and users is no part of what is tried.
      const faults: FaultSource = (...call) => (isReady ? planned(...call) : undefined);
      const stack = await startTestStack({ faults });
      try {
        isReady = true;
        const watch = await watchObjects(stack);
        const last = new Map<string, { healthy: boolean; body: string }>();
        for (const [n, { key, content, remove }] of history.entries()) {
          await stack.put(key, content.body);
          last.set(key, content);
          if (n % 3 === 0) await stack.idle();
          if (!remove || n % 2 === 0) continue;
          await stack.aws.store.delete({ bucket: 'sparkify-landing', key });
          last.delete(key);
        }
        await stack.idle();
        const { objects, rows, deadLetters: letters } = await watch.audit();
        expect(objects.unaccounted).toEqual([]);
        expect(OBJECT_STATES.reduce((sum, state) => sum + objects.counts[state], 0)).toBe(history.length);
        expect([objects.counts.waiting, letters]).toEqual([0, []]);
        expect(rows.staged).toBe(rows.merged + rows.duplicate + rows.skipped + rows.rejected);
        for (const [key, { healthy }] of last) {
          if (!healthy || !/^log_data.*json$/.test(key)) continue;
          const { out } = await stack.run(['why', `s3://sparkify-landing/${key}`]);
          expect([key, out]).toEqual([key, expect.stringContaining('It is loaded, as it is in the bucket now.')]);
        }
      } finally {
        await stack.stop();
      }
    },
    180_000,
  );
});
