import fc from '../support/fast-check.ts';
import { parseMessage } from '../../src/objects/notification.ts';
import {
  BYTES_PER_MESSAGE,
  RECORDS_PER_MESSAGE,
  replayMessages,
  type ReplayObject,
} from '../../src/catch-up/replay-messages.ts';

const object = (key: string, more: Partial<ReplayObject> = {}): ReplayObject => ({
  bucket: 'landing',
  key,
  etag: 'd41d8cd98f00b204e9800998ecf8427e',
  sizeBytes: 200,
  lastModifiedMs: Date.UTC(2024, 10, 3, 12, 0, 7),
  ...more,
});

const anyObject = fc.record({
  bucket: fc.constantFrom('landing', 'archive.example'),
  key: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 }),
  etag: fc.stringMatching(/^[0-9a-f]{32}(-\d{1,3})?$/),
  sizeBytes: fc.nat(),
  lastModifiedMs: fc.integer({ min: 0, max: 4_000_000_000 }).map((seconds) => seconds * 1000),
});

describe('replay messages', () => {
  test('15,000 objects are 30 messages', () => {
    const objects = Array.from({ length: 15_000 }, (_, i) => object(`song_data/A/B/C/TRABC${i}128F92.json`));
    const messages = [...replayMessages(objects, 'ifNew')];
    expect(messages).toHaveLength(30);
    expect(messages.every(({ objects: count }) => count === RECORDS_PER_MESSAGE)).toBe(true);
  });

  test('long keys make smaller messages, each within its bytes', () => {
    const objects = Array.from({ length: 600 }, (_, i) => object(`song_data/${'é'.repeat(500)}${i}.json`));
    const messages = [...replayMessages(objects, 'ifNew')];
    expect(messages.length).toBeGreaterThan(2);
    for (const { body } of messages) expect(Buffer.byteLength(body)).toBeLessThanOrEqual(BYTES_PER_MESSAGE);
  });

  test('no objects are no message', () => {
    expect([...replayMessages([], 'ifNew')]).toEqual([]);
  });

  test('what the handler reads is what was packed, whatever the keys hold', () => {
    fc.assert(
      fc.property(
        fc.array(anyObject, { minLength: 1, maxLength: 50 }),
        fc.constantFrom('ifNew' as const, 'release' as const, 'reload' as const),
        (objects, replayMode) => {
          const read = [...replayMessages(objects, replayMode)].flatMap(({ body }) => {
            const parsed = parseMessage(body);
            return parsed.kind === 'notifications' ? parsed.notifications : [];
          });
          expect(read).toEqual(
            objects.map(({ lastModifiedMs, ...rest }) => ({
              kind: 'created',
              object: { ...rest, eventTimeMs: lastModifiedMs, replayMode, replayed: true, wholeSeconds: true },
            })),
          );
        },
      ),
    );
  });

  test('bodies hold only characters that SQS takes', () => {
    const keys = ['a\u0001b', 'tab\there', 'new\nline', 'quote"\'', 'emoji 🎵', '\uffff', '100%+more', '\u007f'];
    const [message] = [
      ...replayMessages(
        keys.map((key) => object(key)),
        'ifNew',
      ),
    ];
    expect(message?.body).toMatch(/^[\x20-\x7e]+$/);
  });
});
