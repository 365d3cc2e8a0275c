import { parseMessage } from '../../src/objects/notification.ts';

describe('a key or field that could not be kept', () => {
  const body = (object: Record<string, unknown>): string =>
    JSON.stringify({
      Records: [
        {
          eventName: 'ObjectCreated:Put',
          eventTime: '2018-11-01T00:00:00.000Z',
          s3: { bucket: { name: 'b' }, object: { key: 'k', size: 1, ...object } },
        },
      ],
    });
  test.each([
    ['a key of more than 1,024 bytes', { key: '%C3%A4'.repeat(513) }],
    ['a key with NUL', { key: 'a%00b' }],
    ['a key that is no Unicode text', { key: 'a\ud800b' }],
    ['an etag longer than its column', { eTag: 'x'.repeat(129) }],
    ['a sequencer longer than its column', { sequencer: 'A'.repeat(65) }],
    ['a version longer than its column', { versionId: 'x'.repeat(1025) }],
    ['a size beyond counting', { size: 1e300 }],
  ])('%s makes its own message malformed', (_name, object) => {
    expect(parseMessage(body(object)).kind).toBe('malformed');
  });
  test('a key of exactly 1,024 bytes is fine', () => {
    expect(parseMessage(body({ key: '%C3%A4'.repeat(512) })).kind).toBe('notifications');
  });
});
