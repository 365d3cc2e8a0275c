import fc from '../support/fast-check.ts';
import { readDelivery, type Message, type Skipped } from '../../src/load/plan.ts';
import { objectId } from '../../src/objects/object-version.ts';
import { createdBody, messagesOf, readEvent, landing } from '../support/wire-shapes.ts';

const songKey = 'song_data/A/B/C/TRABCEI128F424C983.json';
const logKey = 'log_data/2018/11/2018-11-30-events.json';
const idOf = (key: string) => objectId({ bucket: 'sparkify-landing', key });
/** What waits for what, plainly: one list of object ids per message that waits. */
const waiting = (waits: Map<string, Set<string>>) => [...waits.values()].map((ids) => [...ids]);
const message = (n: number, object: Record<string, unknown>, replay?: string): Message => ({
  messageId: `m${n}`,
  body: createdBody(object, replay),
});

describe('a delivery', () => {
  test.each<[string, { keys: string[]; outcomes: Skipped['outcome'][]; refused: number; waits: string[][] }]>([
    ['s3-put', { keys: [songKey], outcomes: [], refused: 0, waits: [[songKey]] }],
    ['s3-multipart', { keys: [logKey], outcomes: [], refused: 0, waits: [[logKey]] }],
    ['s3-test-event', { keys: [], outcomes: ['ignored'], refused: 0, waits: [] }],
    ['s3-delete', { keys: [], outcomes: [], refused: 0, waits: [['song_data/A/B/C/TRABCEI128F424C983.json']] }],
    ['via-sns', { keys: [songKey], outcomes: [], refused: 0, waits: [[songKey]] }],
    ['via-sns-raw', { keys: [songKey], outcomes: [], refused: 0, waits: [[songKey]] }],
    ['two-objects-one-message', { keys: [songKey, logKey], outcomes: [], refused: 0, waits: [[songKey, logKey]] }],
    ['same-object-twice', { keys: [songKey], outcomes: ['superseded'], refused: 0, waits: [[songKey], [songKey]] }],
    ['out-of-order-sequencers', { keys: [logKey], outcomes: ['superseded'], refused: 0, waits: [[logKey], [logKey]] }],
    ['malformed-body', { keys: [songKey, logKey], outcomes: [], refused: 1, waits: [[songKey], [logKey]] }],
  ])('of %s is read', (name, expected) => {
    const delivery = readDelivery(messagesOf(readEvent(name)), landing);
    expect({
      keys: delivery.candidates.map(({ key }) => key),
      outcomes: delivery.skipped.map(({ outcome }) => outcome),
      refused: delivery.refused.length,
      waits: waiting(delivery.waiting),
    }).toEqual({ ...expected, waits: expected.waits.map((keys) => keys.map(idOf)) });
  });

  test('keeps of several versions of a key the one with the greatest sequencer, which is not the latest to come', () => {
    const [loaded] = readDelivery(messagesOf(readEvent('out-of-order-sequencers')), landing).candidates;
    expect(loaded).toMatchObject({ sequencer: '10055AED6DCD90281E5', etag: '9f86d081884c7d659a2feaa0c55ad015' });
  });

  test('refuses a malformed message alone, by its id', () => {
    const messages = messagesOf(readEvent('malformed-body'));
    expect(readDelivery(messages, landing).refused).toEqual([
      { messageId: messages[1]?.messageId, reason: 'the body is not JSON' },
    ]);
  });

  test('refuses a message that names a bucket that is not configured, with all it names', () => {
    const messages = messagesOf(readEvent('two-objects-one-message'));
    const delivery = readDelivery(messages, { ...landing, buckets: ['another'] });
    expect(delivery).toEqual({
      candidates: [],
      tombstones: [],
      skipped: [],
      seen: 0,
      refused: [{ messageId: messages[0]?.messageId, reason: 'bucket sparkify-landing is not configured' }],
      waiting: new Map(),
    });
  });

  test.each([
    ['of another prefix', { key: 'other/a.json' }, 'its prefix is of no source'],
    ['of another suffix', { key: 'log_data/a.csv' }, 'its suffix is not .json, .json.gz, .json.bz2 or .json.zst'],
  ])('ignores an object %s, and its message waits for nothing', (_, object, reason) => {
    const delivery = readDelivery([message(1, object)], landing);
    expect(delivery.skipped).toEqual([{ outcome: 'ignored', url: `s3://sparkify-landing/${object.key}`, reason }]);
    expect(delivery.candidates).toEqual([]);
    expect(delivery.waiting.size).toBe(0);
  });

  test('takes an object of zero bytes, and one that was removed, for the end of a quarantine', () => {
    const removed = createdBody({ key: 'log_data/b.json' }).replace('ObjectCreated:Put', 'ObjectRemoved:Delete');
    const empty = message(1, { key: 'log_data/a.json', size: 0 });
    const delivery = readDelivery([empty, { messageId: 'm2', body: removed }], landing);
    expect(delivery.tombstones.map(({ key, dismissal }) => [key, dismissal.status, dismissal.code])).toEqual([
      ['log_data/a.json', 'dismissed', 'Empty'],
      ['log_data/b.json', 'dismissed', 'Deleted'],
    ]);
    expect(delivery.candidates).toEqual([]);
    expect(waiting(delivery.waiting)).toEqual([[idOf('log_data/a.json')], [idOf('log_data/b.json')]]);
  });

  test('lets an object that came with its own removal be read as it is now', () => {
    const created = message(1, { key: 'log_data/a.json' });
    const body = created.body.replace('ObjectCreated:Put', 'ObjectRemoved:Delete');
    const delivery = readDelivery([{ messageId: 'm2', body }, created], landing);
    expect(delivery).toMatchObject({
      seen: 2,
      tombstones: [],
      skipped: [{ outcome: 'ignored', reason: 'it was deleted' }],
    });
    expect(delivery.candidates).toHaveLength(1);
  });

  test('does not look at what was removed from a bucket it does not read', () => {
    const body = createdBody({}).replace('ObjectCreated:Put', 'ObjectRemoved:Delete');
    const delivery = readDelivery([{ messageId: 'm1', body }], { ...landing, buckets: ['another'] });
    expect(delivery).toMatchObject({ seen: 1, tombstones: [], refused: [], skipped: [{ outcome: 'ignored' }] });
  });

  test('loads an object whose size the notification did not say', () => {
    expect(readDelivery([message(1, { size: undefined })], landing).candidates).toHaveLength(1);
  });

  test.each([
    ['ifNew', 'release', 'release'],
    ['release', 'reload', 'reload'],
    ['reload', 'ifNew', 'reload'],
  ])('that asks %s and %s of one key does the stronger, %s', (first, second, expected) => {
    const messages = [message(1, { sequencer: 'B' }, first), message(2, { sequencer: 'A' }, second)];
    expect(readDelivery(messages, landing).candidates).toMatchObject([{ sequencer: 'B', replayMode: expected }]);
  });

  test('gives the same candidates in any order, however its records are spread over messages', () => {
    const version = fc.record({ key: fc.constantFrom('a', 'b', 'c'), n: fc.integer({ min: 0, max: 30 }) });
    const shuffled = fc
      .array(version, { maxLength: 12 })
      .chain((versions) =>
        fc.tuple(fc.constant(versions), fc.shuffledSubarray(versions, { minLength: versions.length })),
      );
    const read = (versions: { key: string; n: number }[]) =>
      readDelivery(
        versions.map(({ key, n }, i) =>
          message(i, { key: `log_data/${key}.json`, sequencer: n.toString(16), eTag: `e${n}` }),
        ),
        landing,
      ).candidates.sort((x, y) => x.key.localeCompare(y.key, 'en'));
    fc.assert(
      fc.property(shuffled, ([versions, again]) => {
        const newest = read(versions);
        expect(read(again)).toEqual(newest);
        for (const { key, etag } of newest) {
          const numbers = versions.filter((one) => `log_data/${one.key}.json` === key).map(({ n }) => n);
          expect(etag).toBe(`e${Math.max(...numbers)}`);
        }
      }),
    );
  });

  test('accounts for every record: it is a candidate or skipped, and its message waits or is refused', () => {
    const key = fc.constantFrom('log_data/a.json', 'log_data/b.json.gz', 'song_data/a.json', 'x/a.json');
    const body = fc.oneof(
      fc.constant('{'),
      key.map((name) => createdBody({ key: name })),
    );
    fc.assert(
      fc.property(fc.array(body, { maxLength: 10 }), (bodies) => {
        const delivery = readDelivery(
          bodies.map((text, i) => ({ messageId: String(i), body: text })),
          landing,
        );
        const { candidates, tombstones: closing, skipped, refused, seen } = delivery;
        expect(candidates.length + closing.length + skipped.length + refused.length).toBe(bodies.length);
        const named = skipped.filter(({ url }) => url !== undefined);
        expect(candidates.length + closing.length + named.length).toBe(seen);
        const ids = new Set([...candidates, ...closing].map((one) => one.objectId));
        expect([...delivery.waiting.values()].every((waits) => [...waits].every((id) => ids.has(id)))).toBe(true);
      }),
    );
  });
});
