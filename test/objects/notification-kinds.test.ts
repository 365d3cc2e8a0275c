import { parseMessage } from '../../src/objects/notification.ts';
import { createdBody, messagesOf, readEvent } from '../support/wire-shapes.ts';

const ignored = (reason: string) => ({ kind: 'ignored', reason });

describe('a message', () => {
  test.each(['ifNew', 'release', 'reload'])('of a replay with %s says so of every object', (replayMode) => {
    expect(parseMessage(createdBody({}, replayMode))).toMatchObject({ notifications: [{ object: { replayMode } }] });
  });

  test('of a replay with an unknown word is malformed', () => {
    expect(parseMessage(createdBody({}, 'everything'))).toMatchObject({ kind: 'malformed' });
  });

  test('of an object deleted by way of EventBridge says so', () => {
    const body = messagesOf(readEvent('via-eventbridge'))[0]!.body.replace('Object Created', 'Object Deleted');
    expect(parseMessage(body)).toMatchObject({ notifications: [{ kind: 'removed' }] });
  });

  test.each([
    ['ObjectTagging:Put', 'Object Tags Added'],
    ['ObjectAcl:Put', 'Object ACL Updated'],
    ['LifecycleTransition', 'Object Storage Class Changed'],
    ['ObjectRestore:Post', 'Object Restore Initiated'],
    ['ReducedRedundancyLostObject', 'Object Access Tier Changed'],
  ])(
    'of another kind (%s, %s) is ignored, whatever else it holds, beside one that is read',
    (eventName, detailType) => {
      const [good] = (JSON.parse(createdBody({})) as { Records: object[] }).Records;
      const odd = { eventName, s3: { object: { size: null } } };
      expect(parseMessage(JSON.stringify({ Records: [odd, good] }))).toMatchObject({
        notifications: [ignored(`event ${eventName}`), { kind: 'created' }],
      });
      const bridged = { source: 'aws.s3', 'detail-type': detailType, detail: null };
      expect(parseMessage(JSON.stringify(bridged))).toEqual({
        kind: 'notifications',
        notifications: [ignored(`event ${detailType}`)],
      });
    },
  );

  test('of a restored object asks for it to be tried again', () => {
    const body = createdBody({}).replace('ObjectCreated:Put', 'ObjectRestore:Completed');
    expect(parseMessage(body)).toMatchObject({
      notifications: [{ kind: 'created', object: { replayMode: 'release' } }],
    });
    const bridged = messagesOf(readEvent('via-eventbridge'))[0]!.body.replace(
      'Object Created',
      'Object Restore Completed',
    );
    expect(parseMessage(bridged)).toMatchObject({
      notifications: [{ kind: 'created', object: { replayMode: 'release' } }],
    });
  });

  test.each(['SubscriptionConfirmation', 'UnsubscribeConfirmation'])('of SNS itself (%s) says what to do', (Type) => {
    const body = JSON.stringify({ Type, TopicArn: 'arn:aws:sns:eu-west-1:1:landed', Message: 'You have chosen …' });
    const reason = expect.stringMatching(
      new RegExp(`SNS sent a ${Type} for arn:aws:sns:eu-west-1:1:landed: .*URL`),
    ) as string;
    expect(parseMessage(body)).toEqual({ kind: 'malformed', reason });
  });

  test.each([
    '"log_data/a.json"',
    '{"bucket":"landing","key":"log_data/a.json"}',
    '{"bucket":{"name":"b"},"object":{"key":"k"}}',
  ])('that an input transformer left %s of says so', (body) => {
    expect(parseMessage(body)).toEqual({
      kind: 'malformed',
      reason: expect.stringContaining('input transformer') as string,
    });
  });
});
