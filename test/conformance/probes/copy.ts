/** COPY's texts where something is in its way, and its list of bad rows. */
import { createHash, randomBytes } from 'node:crypto';
import type { PutObjectCommandInput } from '@aws-sdk/client-s3';
import { messageOf } from '../../../src/errors.ts';
import { DG } from '../fixtures/tables.ts';
import { loadErrors } from '../judge.ts';
import type { World } from '../world.ts';
import type { Probe } from './probe.ts';

/** The text COPY fails with, or that it does not. A text on one line, without what differs from run to run. */
async function copyText({ api }: World, from: string, role: string, more = ''): Promise<string> {
  const { Status, text } = await api.batch([
    'CREATE TEMP TABLE loaded (id integer)',
    `COPY loaded FROM '${from}' IAM_ROLE '${role}' JSON 'auto' ${more}`,
  ]);
  const plain = text.replace(/\s+/g, ' ').replace(/(Rid|ExtRid) ?[^,\s]+/g, '$1 …');
  return Status === 'FINISHED' ? 'it loads' : plain;
}

/** What COPY says of an object that was written in a certain way, alone and by a manifest. */
async function written(world: World, name: string, more: Partial<PutObjectCommandInput>): Promise<string> {
  const url = `s3://${world.bucket}/${world.prefix}probes/${name}`;
  try {
    await world.put(`probes/${name}`, '{"id":1}', more);
  } catch (error) {
    return `cannot be written: ${messageOf(error)}`;
  }
  await world.put(`probes/${name}.manifest`, JSON.stringify({ entries: [{ url, mandatory: true }] }));
  return copyText(world, `${url}.manifest`, world.role, 'MANIFEST');
}

const FILES = 20;

/** Validates files of which every second one is bad, and waits until the list of load errors is complete. */
async function validated(world: World): Promise<{ bad: number; found: number; afterMs: number }> {
  const folder = `probes/noload-${randomBytes(3).toString('hex')}/`;
  const urls: string[] = [];
  for (let n = 0; n < FILES; n += 1) {
    await world.put(`${folder}${n}.json`, n % 2 === 0 ? '{"id":1}\n' : '{"id":1}\n{"id":"x"}\noops\n');
    urls.push(`s3://${world.bucket}/${world.prefix}${folder}${n}.json`);
  }
  await world.put(`${folder}m`, JSON.stringify({ entries: urls.map((url) => ({ url, mandatory: true })) }));
  const { Status, text } = await world.api.batch([
    'CREATE TEMP TABLE loaded (id integer)',
    `COPY loaded FROM 's3://${world.bucket}/${world.prefix}${folder}m' IAM_ROLE '${world.role}' JSON 'auto' MANIFEST NOLOAD MAXERROR 100000`,
  ]);
  if (Status !== 'FINISHED') throw new Error(text);
  const from = Date.now();
  for (;;) {
    const listed = await loadErrors(world, 0, new AbortController().signal);
    const found = new Set(listed.map(({ file }) => file).filter((file) => file.includes(folder))).size;
    const afterMs = Date.now() - from;
    if (found === FILES / 2 || afterMs > (world.isLocal ? 0 : 60_000)) return { bad: FILES / 2, found, afterMs };
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

const key = randomBytes(32);
const area = 'copy sources';

export const probes: Probe[] = [
  {
    area: 'copy bad files',
    name: 'NOLOAD lists every bad file',
    source: `${DG}/copy-parameters-data-load.html`,
    believed: '10 of 10',
    ask: async (world) => {
      const { bad, found } = await validated(world);
      return `${found} of ${bad}`;
    },
  },
  {
    area: 'copy bad files',
    name: 'how late the list of load errors is',
    source: `${DG}/SYS_LOAD_ERROR_DETAIL.html`,
    ask: async (world) => {
      const { bad, found, afterMs } = await validated(world);
      return `${found} of ${bad} after ${afterMs} ms`;
    },
  },
  {
    area,
    name: 'a key that is not there, without a manifest',
    source: undefined,
    ask: (world) => copyText(world, `s3://${world.bucket}/${world.prefix}probes/gone`, world.role),
  },
  {
    area,
    name: 'a bucket that is not there, or is not ours',
    source: undefined,
    ask: (world) => copyText(world, `s3://sparkify-conformance-${randomBytes(6).toString('hex')}/key`, world.role),
  },
  {
    area,
    name: 'a role that cannot be assumed',
    source: undefined,
    ask: (world) =>
      copyText(
        world,
        `s3://${world.bucket}/${world.prefix}probes/gone`,
        `${world.role.replace(/\/[^/]*$/, '')}/sparkify-conformance-none`,
      ),
  },
  {
    area,
    name: 'an object under a key of the customer (SSE-C)',
    source: undefined,
    ask: (world) =>
      written(world, 'sse-c', {
        SSECustomerAlgorithm: 'AES256',
        SSECustomerKey: key.toString('base64'),
        SSECustomerKeyMD5: createHash('md5').update(key).digest('base64'),
      }),
  },
  {
    area,
    name: "an object under S3's own key of KMS",
    source: 'https://github.com/PostHog/posthog/issues/61603',
    ask: (world) => written(world, 'sse-kms', { ServerSideEncryption: 'aws:kms' }),
  },
  {
    area,
    name: 'an object in Glacier',
    source: undefined,
    ask: (world) => written(world, 'glacier', { StorageClass: 'GLACIER' }),
  },
];
