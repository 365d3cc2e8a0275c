import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { startTestEndpoint, type TestEndpoint } from './endpoint.ts';
import { TestWarehouse } from './redshift/warehouse-client.ts';

type Headers = Record<string, string>;
type Reply = { status: number; text: string };

/** One request as bytes that no client library has put in order; the Host is that of the port unless given. */
function send(port: number, method: string, path: string, headers: Headers, body = ''): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ host: '127.0.0.1', port, method, path, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (piece: string) => (text += piece));
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, text });
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Sends headers that do not end, and gives what is answered until the connection is closed. */
function answerToSlow(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nx-slow: ');
  return new Promise((resolve, reject) => {
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (piece: string) => (text += piece));
    socket.on('error', reject);
    socket.on('close', () => {
      resolve(text);
    });
  });
}

const signed = { authorization: 'AWS4-HMAC-SHA256 Credential=local/20181101/eu-west-1/s3/aws4_request' };
const deletion = '<Delete><Object><Key>kept.json</Key></Object></Delete>';
const secret = 'a-secret-of-the-bucket';

/** What a browser sends for a page that is not the stack's own; `port` is that of the endpoint. */
const pages: [what: string, headers: (port: number) => Headers][] = [
  ['a page by another name of this machine', () => ({ host: 'evil.example' })],
  ['a page by another name and the right port', (port) => ({ host: `evil.example:${port}` })],
  ['a name that only begins like this machine', (port) => ({ host: `localhost.evil.example:${port}` })],
  ['a name that only ends like this machine', (port) => ({ host: `evil-localhost:${port}` })],
  ['a page of another origin', () => ({ origin: 'https://evil.example' })],
  ['a page of another port', () => ({ origin: 'http://127.0.0.1:1' })],
  ['a page of no origin, as one in a file', () => ({ origin: 'null' })],
  ['an image or a script of another origin', () => ({ 'sec-fetch-site': 'cross-site' })],
  ['a script of another port', () => ({ 'sec-fetch-site': 'same-site' })],
];

describe('S3 and SQS', () => {
  let endpoint: TestEndpoint;
  let queueUrl: string;
  /** What is answered to a request whose headers never end; it takes ten seconds, in which the other tests run. */
  let slowAnswer: Promise<string>;
  beforeAll(async () => {
    endpoint = await startTestEndpoint();
    slowAnswer = answerToSlow(endpoint.port);
    endpoint.store.createBucket('landing');
    await endpoint.s3.send(new PutObjectCommand({ Bucket: 'landing', Key: 'kept.json', Body: secret }));
    queueUrl = endpoint.queues.create('files', { visibilityTimeoutSeconds: 0 }).url;
    await endpoint.sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: secret }));
  });
  afterEach(async () => {
    const listed = await endpoint.s3.send(new ListObjectsV2Command({ Bucket: 'landing' }));
    expect(listed.Contents?.map(({ Key }) => Key)).toEqual(['kept.json']);
    const received = await endpoint.sqs.send(new ReceiveMessageCommand({ QueueUrl: queueUrl, VisibilityTimeout: 0 }));
    expect(received.Messages?.map(({ Body }) => Body)).toEqual([secret]);
  });
  afterAll(() => endpoint.close());

  const sqsCall = (operation: string): Headers => ({
    ...signed,
    'x-amz-target': `AmazonSQS.${operation}`,
    'content-type': 'application/x-amz-json-1.0',
  });

  test.each(pages)('show nothing to %s, and do nothing for it', async (_what, headers) => {
    const page = headers(endpoint.port);
    const queue = JSON.stringify({ QueueUrl: queueUrl });
    for (const reply of [
      await send(endpoint.port, 'GET', '/landing/kept.json', page),
      await send(endpoint.port, 'GET', '/landing?list-type=2', page),
      await send(endpoint.port, 'POST', '/landing?delete', { ...signed, ...page }, deletion),
      await send(endpoint.port, 'PUT', '/landing/new.json', { ...signed, ...page }, '{}'),
      await send(endpoint.port, 'DELETE', '/landing/kept.json', { ...signed, ...page }),
      await send(endpoint.port, 'POST', '/', { ...sqsCall('ReceiveMessage'), ...page }, queue),
      await send(endpoint.port, 'POST', '/', { ...sqsCall('PurgeQueue'), ...page }, queue),
      await send(endpoint.port, 'OPTIONS', '/landing', page),
    ]) {
      expect(reply).toMatchObject({ status: 403, text: expect.stringContaining('AccessDenied') as string });
      expect(reply.text).not.toContain(secret);
    }
  });

  test.each([
    'text/plain',
    'text/plain;charset=UTF-8',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
  ])('take no POST of type %s, signed or not', async (type) => {
    const form = { 'content-type': type };
    const queue = JSON.stringify({ QueueUrl: queueUrl });
    for (const headers of [form, { ...signed, ...form }]) {
      expect((await send(endpoint.port, 'POST', '/landing?delete', headers, deletion)).status).toBe(403);
      expect((await send(endpoint.port, 'POST', '/landing', headers, 'key=new.json')).status).toBe(403);
      expect((await send(endpoint.port, 'POST', '/?Action=PurgeQueue', headers)).status).toBe(403);
      const call = { ...sqsCall('PurgeQueue'), ...headers };
      expect((await send(endpoint.port, 'POST', '/', call, queue)).status).toBe(403);
    }
    expect((await send(endpoint.port, 'POST', '/landing/new.json?uploads', form)).status).toBe(403);
  });

  test.each(['POST /landing?delete', 'PUT /landing/new.json', 'PUT /another', 'DELETE /landing/kept.json', 'POST /'])(
    'take no unsigned %s',
    async (line) => {
      const [method = '', path = ''] = line.split(' ');
      expect(await send(endpoint.port, method, path, {}, deletion)).toMatchObject({ status: 403 });
    },
  );

  test.each(['<Object>', '<Object ', '<Object><Key>', '&#x', '<Object><Key></Key>', '<Key>'])(
    'are done with two million characters of %s before the next request',
    async (piece) => {
      const body = `<Delete>${piece.repeat(Math.floor(1_900_000 / piece.length))}`;
      const reply = await send(
        endpoint.port,
        'POST',
        '/landing?delete',
        { ...signed, 'content-type': 'application/xml' },
        body,
      );
      expect(reply).toMatchObject({ status: 400, text: expect.stringContaining('MalformedXML') as string });
      const configured = await send(
        endpoint.port,
        'PUT',
        '/landing?notification',
        signed,
        body.replaceAll('Object', 'Queue'),
      );
      expect(configured.status).toBeLessThan(500);
    },
  );

  test('take no XML of more than 2 MB, and no more than 1000 keys at once', async () => {
    const many = `<Delete>${'<Object><Key>a</Key></Object>'.repeat(1001)}</Delete>`;
    expect(await send(endpoint.port, 'POST', '/landing?delete', signed, many)).toMatchObject({ status: 400 });
    const huge = `<Delete>${' '.repeat(2_000_001)}</Delete>`;
    expect(await send(endpoint.port, 'POST', '/landing?delete', signed, huge)).toMatchObject({ status: 413 });
  });

  test('take no chunk whose size never ends', async () => {
    const headers = { ...signed, 'content-encoding': 'aws-chunked' };
    const reply = await send(endpoint.port, 'PUT', '/landing/new.json', headers, '1'.repeat(5_000_000));
    expect(reply).toMatchObject({ status: 400, text: expect.stringContaining('A chunk has no size') as string });
  });

  test('serve the page that is their own', async () => {
    for (const host of [`127.0.0.1:${endpoint.port}`, `localhost:${endpoint.port}`]) {
      const own = { host, origin: `http://${host}`, 'sec-fetch-site': 'same-origin' };
      expect(await send(endpoint.port, 'GET', '/landing/kept.json', own)).toEqual({ status: 200, text: secret });
    }
  });

  test('let an object be of any type, whole or in parts', async () => {
    endpoint.store.createBucket('texts');
    const name = { Bucket: 'texts', Key: 'a.txt' };
    await endpoint.s3.send(new PutObjectCommand({ ...name, Body: 'a', ContentType: 'text/plain' }));
    const { UploadId } = await endpoint.s3.send(
      new CreateMultipartUploadCommand({ ...name, ContentType: 'text/plain' }),
    );
    const { ETag } = await endpoint.s3.send(new UploadPartCommand({ ...name, UploadId, PartNumber: 1, Body: 'b' }));
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
    await endpoint.s3.send(new CompleteMultipartUploadCommand({ ...name, UploadId, MultipartUpload }));
    const { Body, ContentType } = await endpoint.s3.send(new GetObjectCommand(name));
    expect([await Body?.transformToString(), ContentType]).toEqual(['b', 'text/plain']);
  });

  test('close a connection whose headers do not come', async () => {
    expect(await slowAnswer).toContain('408 Request Timeout');
  }, 60_000);
});

describe('the Data API', () => {
  let warehouse: TestWarehouse;
  beforeAll(async () => {
    warehouse = await TestWarehouse.start();
    await warehouse.run('create table kept (k bigint)');
  });
  afterEach(async () => {
    expect(await warehouse.rows('select count(*) from kept')).toEqual([[0]]);
  });
  afterAll(() => warehouse.stop());

  const call = {
    ...signed,
    'x-amz-target': 'RedshiftData.ExecuteStatement',
    'content-type': 'application/x-amz-json-1.1',
  };
  const body = (): string => JSON.stringify({ ...warehouse.address, Sql: 'drop table kept', WaitTimeSeconds: 1 });

  test.each(pages)('shows nothing to %s, and does nothing for it', async (_what, headers) => {
    const { port } = warehouse.warehouse;
    const reply = await send(port, 'POST', '/', { ...call, ...headers(port) }, body());
    expect(reply).toMatchObject({ status: 403, text: expect.stringContaining('AccessDeniedException') as string });
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
    'takes no POST of type %s',
    async (type) => {
      const { port } = warehouse.warehouse;
      expect((await send(port, 'POST', '/', { ...call, 'content-type': type }, body())).status).toBe(403);
    },
  );

  test('serves the page that is its own', async () => {
    const { port } = warehouse.warehouse;
    const own = { origin: `http://127.0.0.1:${port}`, host: `127.0.0.1:${port}` };
    const select = JSON.stringify({ ...warehouse.address, Sql: 'select 1' });
    expect((await send(port, 'POST', '/', { ...call, ...own }, select)).status).toBe(200);
  });
});
