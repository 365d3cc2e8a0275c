import fc from '../support/fast-check.ts';
import { parseMessage } from '../../src/objects/notification.ts';
import { createdBody, messagesOf, readEvent } from '../support/wire-shapes.ts';

const song = {
  bucket: 'sparkify-landing',
  key: 'song_data/A/B/C/TRABCEI128F424C983.json',
  etag: '1c9b36b4bcf8a3d0e83c6b0b0a6e3d11',
  sequencer: '0055AED6DCD90281E5',
  sizeBytes: 240,
  eventTimeMs: Date.parse('2018-11-30T21:04:05.796Z'),
  replayMode: 'ifNew',
};
const log = {
  ...song,
  key: 'log_data/2018/11/2018-11-30-events.json',
  etag: '5e2f9a77d0c14b7f8d3c2a1b0f9e8d7c',
  sequencer: '0055AED6DCD90281F0',
  sizeBytes: 388000,
};
const created = (object: Record<string, unknown>) => ({ kind: 'created', object });
const ignored = (reason: string) => ({ kind: 'ignored', reason });

/** What each message of each shape says; `malformed` where it says nothing. */
const SHAPES: Record<string, ('malformed' | object[])[]> = {
  's3-put': [[created(song)]],
  's3-multipart': [
    [
      created({
        ...log,
        etag: '3858f62230ac3c915f300c664312c11f-7',
        versionId: '096fKKXTRTtl3on89fVO.nfljtsv6qko',
        sizeBytes: 52428800,
      }),
    ],
  ],
  's3-test-event': [[ignored('s3:TestEvent')]],
  's3-delete': [
    [
      {
        kind: 'removed',
        object: {
          bucket: song.bucket,
          key: song.key,
          etag: '',
          sequencer: '0055AED6DCD9028300',
          eventTimeMs: song.eventTimeMs,
          replayMode: 'ifNew',
        },
      },
    ],
  ],
  'via-sns': [[created(song)]],
  'via-sns-raw': [[created(song)]],
  'via-eventbridge': [
    [
      created({
        bucket: 'sparkify-landing',
        key: 'log_data/2018/11/late + 100% übertragen.json',
        etag: '5e2f9a77d0c14b7f8d3c2a1b0f9e8d7c',
        versionId: 'IYV3p45BT0ac8hjHg1houSdS1a.Mro8e',
        sequencer: '00617F08299329D189',
        sizeBytes: 4096,
        eventTimeMs: Date.parse('2018-11-30T21:04:05Z'),
        wholeSeconds: true,
        replayMode: 'ifNew',
      }),
    ],
  ],
  replay: [
    [
      created(listed(song.key, song.etag, 240, '2018-11-30T21:04:05Z')),
      created(listed(log.key, log.etag, 388000, '2018-11-30T21:04:06Z')),
      created(
        listed(
          'log_data/2018/11/late + 100% übertragen.json',
          '9f86d081884c7d659a2feaa0c55ad015',
          4096,
          '2018-11-30T21:04:07Z',
        ),
      ),
    ],
  ],
  'two-objects-one-message': [[created(song), created(log)]],
  'same-object-twice': [[created(song)], [created(song)]],
  'out-of-order-sequencers': [
    [
      created({
        ...log,
        etag: '9f86d081884c7d659a2feaa0c55ad015',
        sequencer: '10055AED6DCD90281E5',
        sizeBytes: 388500,
      }),
    ],
    [created({ ...log, sequencer: 'F055AED6DCD90281E5', eventTimeMs: Date.parse('2018-11-30T21:04:06.250Z') })],
  ],
  'key-with-space-plus-percent-unicode': [
    [
      created({
        ...song,
        key: 'log_data/2018/11/late + 100% übertragen (日本).json',
        etag: '9f86d081884c7d659a2feaa0c55ad015',
        sequencer: '0055AED6DCD9028412',
        sizeBytes: 4096,
      }),
    ],
  ],
  'malformed-body': [[created(song)], 'malformed', [created(log)]],
};

function listed(key: string, etag: string, sizeBytes: number, at: string): Record<string, unknown> {
  return {
    bucket: 'sparkify-landing',
    key,
    etag,
    sizeBytes,
    eventTimeMs: Date.parse(at),
    replayMode: 'release',
    replayed: true,
    wholeSeconds: true,
  };
}

test.each(Object.entries(SHAPES))('the shape %s means what it says', (name, expected) => {
  const parsed = messagesOf(readEvent(name)).map(({ body }) => parseMessage(body));
  expect(parsed.map((one) => (one.kind === 'malformed' ? 'malformed' : one.notifications))).toEqual(expected);
});

describe('a key', () => {
  /** Form encoding as S3 does it: blanks as +, the rest percent-encoded, slashes as they are. */
  const encode = (key: string): string => encodeURIComponent(key).replaceAll('%2F', '/').replaceAll('%20', '+');
  const key = fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }).filter((text) => !text.includes('\0'));

  /** The key of the one object a body names. */
  function keyIn(body: string): string | undefined {
    const parsed = parseMessage(body);
    if (parsed.kind === 'malformed') return undefined;
    const [first] = parsed.notifications;
    return first?.kind === 'created' ? first.object.key : undefined;
  }

  test('survives the form encoding of an S3 event', () => {
    fc.assert(
      fc.property(key, (text) => {
        expect(keyIn(createdBody({ key: encode(text) }))).toBe(text);
      }),
    );
  });

  test('of an EventBridge event is taken as it stands', () => {
    fc.assert(
      fc.property(key, (text) => {
        const detail = { bucket: { name: 'sparkify-landing' }, object: { key: text } };
        const event = { source: 'aws.s3', 'detail-type': 'Object Created', time: '2018-11-30T21:04:05Z', detail };
        expect(keyIn(JSON.stringify(event))).toBe(text);
      }),
    );
  });

  test.each(['100%', '%zz', '%C3', '%ff'])(
    'that is not form-encoded UTF-8 (%s) makes its message malformed',
    (text) => {
      expect(parseMessage(createdBody({ key: text }))).toEqual({
        kind: 'malformed',
        reason: 'record 0: the key is not form-encoded UTF-8',
      });
    },
  );
});

describe('a message', () => {
  test('never makes parsing throw, whatever it holds', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (body) => {
        expect(['notifications', 'malformed']).toContain(parseMessage(body).kind);
      }),
    );
  });

  test.each([
    ['no JSON', '{', 'the body is not JSON'],
    [
      'JSON of another kind',
      '{"hello":1}',
      'not an S3 event, an SNS envelope around one, or an S3 event from EventBridge',
    ],
    [
      'an SNS envelope around no JSON',
      '{"Type":"Notification","Message":"{"}',
      'the Message of the SNS envelope is not JSON',
    ],
    [
      'no key',
      createdBody({ key: undefined }),
      'record 0: s3.object.key: Invalid key: Expected "key" but received undefined',
    ],
    [
      'a negative size',
      createdBody({ size: -1 }),
      'record 0: s3.object.size: Invalid value: Expected >=0 but received -1',
    ],
    [
      'a sequencer that is no number',
      createdBody({ sequencer: 'x' }),
      'record 0: s3.object.sequencer: Invalid hexadecimal: Received "x"',
    ],
  ])('with %s is malformed and says why', (_, body, reason) => {
    expect(parseMessage(body)).toEqual({ kind: 'malformed', reason });
  });

  test.each(['2018-11-30T21:04:05+01', 'yesterday', ''])('whose event time is %j is malformed', (eventTime) => {
    const [record] = (JSON.parse(createdBody({})) as { Records: object[] }).Records;
    const parsed = parseMessage(JSON.stringify({ Records: [{ ...record, eventTime }] }));
    expect(parsed).toMatchObject({ kind: 'malformed', reason: expect.stringContaining('eventTime') as string });
  });

  test('with a bad record beside good ones is malformed as a whole', () => {
    const good = (JSON.parse(createdBody({})) as { Records: object[] }).Records;
    expect(parseMessage(JSON.stringify({ Records: [...good, { eventName: 'ObjectCreated:Put' }] }))).toMatchObject({
      kind: 'malformed',
      reason: expect.stringMatching(/^record 1: /) as string,
    });
  });

  test('is read although fields it does not need are strange or missing', () => {
    const [record] = (
      JSON.parse(createdBody({ size: undefined, eTag: undefined, versionId: null })) as { Records: object[] }
    ).Records;
    const strange = { ...record, requestParameters: 7, userIdentity: null, novelty: [1] };
    expect(parseMessage(JSON.stringify({ Records: [strange] }))).toEqual({
      kind: 'notifications',
      notifications: [
        created({
          bucket: 'sparkify-landing',
          key: 'log_data/a.json',
          etag: '',
          eventTimeMs: Date.parse('2018-11-30T21:04:05.796Z'),
          replayMode: 'ifNew',
        }),
      ],
    });
  });

  test('may name its event with the prefix s3:', () => {
    const body = createdBody({}).replace('ObjectCreated:Put', 's3:ObjectCreated:Copy');
    expect(parseMessage(body)).toMatchObject({ notifications: [{ kind: 'created' }] });
  });
});
