import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toError } from '../as-error.ts';
import type { ObjectStore } from '../s3/object-store.ts';
import { buildBundle } from './bundle.ts';
import { LambdaFunction } from './function.ts';

/** How the resume function runs here. */
export type ResumeOptions = {
  home: string;
  region: string;
  environment: Readonly<Record<string, string>>;
  store: ObjectStore;
  /** The object that says that the warehouse is waited for. */
  waiting: { bucket: string; key: string };
  onLine?: (line: string, stream: 'stdout' | 'stderr') => void;
};

/** The resume function on its schedule. */
export type ResumeSchedule = {
  /** Whether the warehouse is waited for. */
  isWaiting: () => boolean;
  /** Kills the function while it runs, as a failing machine would. */
  killBusy: () => Promise<void>;
  stop: () => Promise<void>;
};

/** In AWS it is a minute; a tick that finds nothing to wait for does nothing, so here there are none. */
const TICK_MS = 1000;
const ENTRY = fileURLToPath(new URL('../../resume-handler.ts', import.meta.url));

/** Runs the resume function's bundle every second while its object exists. It is built when it is first needed. */
export function scheduleResume(options: ResumeOptions): ResumeSchedule {
  const { store, waiting } = options;
  let lambda: Promise<LambdaFunction> | undefined;
  let running: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isWaiting = false;
  let isStopped = false;
  const run = async (): Promise<void> => {
    try {
      lambda ??= startFunction(options);
      await (await lambda).invoke({});
    } catch (error) {
      if (!isStopped) options.onLine?.(`the resume function failed: ${toError(error).message}`, 'stderr');
    }
  };
  const schedule = (afterMs: number): void => {
    if (isStopped || !isWaiting || timer !== undefined || running !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      running = run().finally(() => {
        running = undefined;
        schedule(TICK_MS);
      });
    }, afterMs).unref();
  };
  store.onChange(({ bucket, object, name }) => {
    if (bucket !== waiting.bucket || object.key !== waiting.key) return;
    isWaiting = name.startsWith('ObjectCreated');
    schedule(TICK_MS);
  });
  // An earlier run may have left it.
  isWaiting = store.page(waiting.bucket, { prefix: waiting.key, limit: 1 }).objects.length > 0;
  schedule(0);
  return {
    isWaiting: () => isWaiting,
    killBusy: async () => (await lambda)?.killBusy(),
    stop: async () => {
      isStopped = true;
      clearTimeout(timer);
      await (await lambda)?.stop();
      await running;
    },
  };
}

async function startFunction({ home, region, environment, onLine }: ResumeOptions): Promise<LambdaFunction> {
  const bundle = await buildBundle({ home: join(home, 'resume'), entry: ENTRY });
  return new LambdaFunction({
    ...bundle,
    functionName: 'sparkify-resume',
    memoryMegabytes: 256,
    region,
    environment,
    timeoutSeconds: 115,
    warmProcesses: 0,
    ...(onLine ? { onLine } : {}),
  });
}
