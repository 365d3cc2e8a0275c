import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { S3WaitingObject } from '../../../src/aws/waiting-object.ts';
import { startTestEndpoint, type TestEndpoint } from '../endpoint.ts';

const Bucket = 'control';
let endpoint: TestEndpoint;
let object: S3WaitingObject;

beforeEach(async () => {
  endpoint = await startTestEndpoint();
  await endpoint.s3.send(new CreateBucketCommand({ Bucket }));
  object = new S3WaitingObject(endpoint.s3, Bucket, 'loads/waiting.json');
});
afterEach(() => endpoint.close());

describe('the object that says that the warehouse is waited for', () => {
  test('is deleted as the version that was read, and not as another', async () => {
    await object.write('one');
    const { etag } = (await object.read())!;
    await object.write('two');
    await object.remove(etag);
    expect(await object.read()).toMatchObject({ text: 'two' });
    await object.remove((await object.read())!.etag);
    expect(await object.read()).toBeUndefined();
  });

  test('that is gone already needs no deletion', async () => {
    await expect(object.remove('"00"')).resolves.toBeUndefined();
  });

  test('that cannot be written is an error', async () => {
    const elsewhere = new S3WaitingObject(endpoint.s3, 'no-such-bucket', 'loads/waiting.json');
    await expect(elsewhere.write('one')).rejects.toMatchObject({ code: 'misconfigured' });
  });
});
