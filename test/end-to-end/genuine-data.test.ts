import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DuckDBInstance } from '@duckdb/node-api';
import { clientSettings } from '../../src/local/connect.ts';
import { LOCAL_NAMES, type Stack } from '../../src/local/stack.ts';
import { createDeliveryStats, type DeliveryStats } from '../../src/local/delivery-stats.ts';
import { tableNames, warehouseChecksums, type TableName } from '../support/checksums.ts';
import { genuineData, unlessPresent } from '../support/genuine.ts';
import { startTestStack } from '../support/stack.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

type Answer = { count: number; sha256: string };

const describeGenuine = unlessPresent('the genuine data through the deployed bundle');

/** Loads files in the given order through S3, SQS, the bundle and the warehouse; gives checksums and what was counted. */
async function load(order: string[], options: { batchSize?: number; windowSeconds?: number } = {}) {
  const home = await temporaryFolder('sparkify-genuine');
  const tally = createDeliveryStats();
  const settings = { inMemory: false, windowSeconds: 1, batchSize: 4000, onLine: tally.add, ...options };
  const stack = await startTestStack({ home, ...settings });
  try {
    await put(stack, order);
    await stack.idle();
  } finally {
    await stack.stop();
  }
  const checksums = await readChecksums(stack.warehouseFile);
  rmSync(home, { recursive: true });
  return { checksums, tally };
}

async function put(stack: Stack, keys: string[]): Promise<void> {
  const s3 = new S3Client(clientSettings(stack.environment, 'AWS_ENDPOINT_URL_S3'));
  for (const key of keys) {
    const Body = readFileSync(join(genuineData, key));
    await s3.send(new PutObjectCommand({ Bucket: LOCAL_NAMES.landingBucket, Key: key, Body }));
  }
  s3.destroy();
}

async function readChecksums(file: string): Promise<Record<TableName, Answer>> {
  const instance = await DuckDBInstance.create(file, { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  const checksums = await warehouseChecksums(connection);
  connection.closeSync();
  instance.closeSync();
  return checksums;
}

function keysOf(source: string): string[] {
  return readdirSync(join(genuineData, source), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => `${source}/${file}`);
}

function counts(tally: DeliveryStats) {
  return {
    loaded: tally.count('ObjectsLoaded'),
    known: tally.count('ObjectsAlreadyLoaded') + tally.count('ObjectsSuperseded'),
    quarantined: tally.count('ObjectsQuarantined'),
  };
}

/** A shuffle that is the same on every run. */
function shuffled(keys: string[]): string[] {
  let state = 20181130;
  const next = (): number => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648;
  return keys
    .map((key) => ({ key, at: next() }))
    .sort((a, b) => a.at - b.at)
    .map(({ key }) => key);
}

describeGenuine(() => {
  let answer: Record<string, Answer>;
  beforeAll(() => {
    const text = readFileSync(join(genuineData, 'expected.json'), 'utf8');
    const expected = (JSON.parse(text) as { results: { udacity71: Record<TableName, Answer> } }).results.udacity71;
    answer = Object.fromEntries(
      tableNames.map((name) => [name, { count: expected[name].count, sha256: expected[name].sha256 }]),
    );
  });
  const all = (): string[] => [...keysOf('song_data'), ...keysOf('log_data')];

  test('loaded in order, the five tables equal the checked answer', async () => {
    const { checksums, tally } = await load(all());
    expect(checksums).toEqual(answer);
    expect(counts(tally)).toEqual({ loaded: 101, known: 0, quarantined: 0 });
  }, 120_000);

  test('loaded in reverse, plays before their songs and newest day first, they are the same', async () => {
    const { checksums } = await load(all().reverse());
    expect(checksums).toEqual(answer);
  }, 120_000);

  test('shuffled into many small batches, they are the same', async () => {
    const { checksums, tally } = await load(shuffled(all()), { batchSize: 10, windowSeconds: 0 });
    expect(checksums).toEqual(answer);
    expect(tally.count('BatchesCommitted')).toBeGreaterThan(2);
  }, 120_000);

  test('put twice, nothing is counted twice', async () => {
    const { checksums, tally } = await load([...all(), ...all()]);
    expect(checksums).toEqual(answer);
    expect(counts(tally).quarantined).toBe(0);
  }, 120_000);
});
