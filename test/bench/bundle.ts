/** The function as a package: how large it is, how fast it is there, and what it keeps. */
import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toRecord } from '../../src/local/lambda/delivery.ts';
import { buildBundle } from '../../src/local/lambda/bundle.ts';
import type { InvocationReply, InvocationRequest } from '../../src/local/lambda/runtime.ts';
import { startBenchLoader, type BenchLoader } from './loader.ts';
import { residentMegabytes } from './memory.ts';
import { readObjects } from './objects.ts';

/** Prints the milliseconds that importing a file takes in a new process. */
const TIME_IMPORT =
  'const startedAt = performance.now(); await import(process.argv[1]); console.log(performance.now() - startedAt); process.exit(0);';
const TIMEOUT_MS = 60_000;

/** What a bundle costs before it does anything: KB, and milliseconds of each cold import beside that of the bare clients. */
export type BundleCost = { kilobytes: number; importMs: number[]; bareImportMs: number[] };

/** Builds both bundles by the settings of the deployed one and imports them in turn, each time in a new process. */
export async function measureBundle(home: string, runs: number): Promise<BundleCost> {
  const ours = await buildBundle({ home: join(home, 'ours') });
  const entry = fileURLToPath(new URL('bare-clients.ts', import.meta.url));
  const bare = await buildBundle({ home: join(home, 'bare'), entry });
  const cost: BundleCost = { kilobytes: statSync(ours.handlerFile).size / 1024, importMs: [], bareImportMs: [] };
  // The first import of each reads the files from disk, which no later one does.
  for (const file of [ours.handlerFile, bare.handlerFile]) timeImport(file);
  for (let run = 0; run < runs; run++) {
    cost.importMs.push(timeImport(ours.handlerFile));
    cost.bareImportMs.push(timeImport(bare.handlerFile));
  }
  return cost;
}

function timeImport(file: string): number {
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', TIME_IMPORT, file], {
    encoding: 'utf8',
    env: { ...process.env, ...NOWHERE },
  });
  if (status !== 0) throw new Error(`importing ${file} failed: ${stderr}`);
  return Number(stdout);
}

/** Enough of an environment for the function to be wired; it calls nobody before it is invoked. */
const NOWHERE = {
  AWS_REGION: 'us-east-1',
  SPARKIFY_LANDING_BUCKETS: 'landing',
  SPARKIFY_CONTROL_BUCKET: 'control',
  SPARKIFY_DATABASE: 'dev',
  SPARKIFY_WORKGROUP: 'sparkify',
  SPARKIFY_COPY_ROLE_ARN: 'arn:aws:iam::000000000000:role/copy',
  SPARKIFY_QUEUE_URL: 'http://127.0.0.1:1/000000000000/load',
  SPARKIFY_REPLAY_QUEUE_URL: 'http://127.0.0.1:1/000000000000/replay',
  SPARKIFY_DLQ_URL: 'http://127.0.0.1:1/000000000000/dead',
};

/** Resident MB of one process over many invocations: the largest, after a tenth of them, and at the end. */
export type WarmMemory = { peak: number | undefined; early: number | undefined; last: number | undefined };

/** Invokes one process once per object of the list, each invocation a load of that object. */
export async function measureWarmMemory(home: string, list: string): Promise<WarmMemory> {
  const objects = readObjects(list);
  const loader = await startBenchLoader(home, { eventSource: false });
  await loader.put(objects);
  const { handlerFile, runtimeFile } = await buildBundle({ home: join(home, 'warm') });
  const { pid, invoke, stop } = await startFunction(runtimeFile, handlerFile, loader);
  let early: number | undefined;
  for (const [index, object] of objects.entries()) {
    const body = loader.messageOf(object);
    const message = { MessageId: String(index), ReceiptHandle: String(index), Body: body };
    await invoke({ Records: [toRecord(message, { queueArn: loader.stack.queueArn, region: 'us-east-1' })] });
    if (index === Math.floor(objects.length / 10)) early = residentMegabytes(pid, 'now');
  }
  const memory = { peak: residentMegabytes(pid, 'peak'), early, last: residentMegabytes(pid, 'now') };
  await stop();
  await loader.stop();
  return memory;
}

async function startFunction(runtimeFile: string, handlerFile: string, { stack }: BenchLoader) {
  const child = fork(runtimeFile, [handlerFile], {
    env: { PATH: process.env.PATH ?? '', ...stack.environment },
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  await once(child, 'message');
  return {
    pid: child.pid ?? 0,
    invoke: async (event: unknown): Promise<void> => {
      const answered = once(child, 'message');
      const deadlineMs = Date.now() + TIMEOUT_MS;
      child.send({
        requestId: 'bench',
        event: JSON.stringify(event),
        deadlineMs,
      } satisfies InvocationRequest);
      const [reply] = (await answered) as [InvocationReply];
      if (reply.kind !== 'answer' || reply.json !== '{"batchItemFailures":[]}') {
        throw new Error(`the function did not load its object: ${JSON.stringify(reply)}`);
      }
    },
    stop: async (): Promise<void> => {
      child.disconnect();
      await once(child, 'exit');
    },
  };
}
