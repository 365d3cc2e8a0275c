/** A local stack with its page, as `local` serves it, in this process. */
import { localSource } from '../../src/commands/local-page-source.ts';
import { committedIn } from '../../src/commands/local-page-door.ts';
import { FaultSwitches } from '../../src/local/faults/switches.ts';
import { startPage, type ServedPage } from '../../src/ui/server.ts';
import type { UiSource } from '../../src/ui/source.ts';
import { startTestStack, type TestStack, type TestStackOptions } from '../support/stack.ts';

export type Served = {
  stack: TestStack;
  page: ServedPage;
  source: UiSource;
  switches: FaultSwitches;
  /** When each batch was committed, as the function logged it: epoch milliseconds. */
  commits: number[];
  stop: () => Promise<void>;
};

/** Starts a stack and its page, on any free port unless told otherwise. */
export async function serve({ port = 0, ...options }: TestStackOptions & { port?: number } = {}): Promise<Served> {
  const switches = new FaultSwitches();
  const commits: number[] = [];
  const late: { observer?: ReturnType<typeof localSource>['observer'] } = {};
  const stack = await startTestStack({
    ...options,
    faults: (...call) => switches.source(...call),
    observer: {
      deliveryStarted: (event) => late.observer?.deliveryStarted(event, event.Records),
      deliveryEnded: (event) => late.observer?.deliveryEnded(event),
    },
    onLine: (line) => {
      const committed = committedIn(line);
      if (!committed) return;
      commits.push(committed.atMs);
      late.observer?.committed(committed.batchNo, committed.atMs);
    },
  });
  const local = localSource(stack, { switches, since: '0', folder: 'data', shell: '.sparkify/env' });
  late.observer = local.observer;
  const page = await startPage(Promise.resolve(local.source), [port]);
  return {
    stack,
    page,
    source: local.source,
    switches,
    commits,
    stop: async () => {
      local.stop();
      await page.stop();
      await stack.stop();
    },
  };
}
