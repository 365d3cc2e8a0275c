import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FaultSwitches } from '../local/faults/switches.ts';
import { PortInUse } from '../local/endpoint.ts';
import type { Stack, StackOptions } from '../local/stack.ts';
import { startPage } from '../ui/server.ts';
import type { UiSource } from '../ui/source.ts';
import { localSource, type LocalSource } from './local-page-source.ts';

/** The page of a local stack: served before the stack is started, and told of what it does. */
export type LocalPage = {
  url: string;
  observer: NonNullable<StackOptions['observer']>;
  /** Takes each line that the function writes. */
  addLine: (line: string) => void;
  /** Shows a stack whose tables exist. */
  show: (stack: Stack, more: { switches: FaultSwitches; since: string; folder: string; shell: string }) => void;
  stop: () => Promise<void>;
};

/** The file of the home with the port of the last time: a page that is open then finds the stack again. */
const PORT_FILE = 'ui-port';

/** Serves the page. @throws PortInUse when a given port is taken. */
export async function openLocalPage(home: string, port?: number): Promise<LocalPage> {
  let local: LocalSource | undefined;
  let ready: (source: UiSource) => void = () => undefined;
  const source = new Promise<UiSource>((resolve) => (ready = resolve));
  const ports = port === undefined ? [await lastPort(home), 0] : [port];
  const page = await startPage(source, ports).catch((error: unknown) => {
    throw error instanceof Error && 'code' in error && error.code === 'EADDRINUSE' ? new PortInUse(port ?? 0) : error;
  });
  await writeFile(join(home, PORT_FILE), `${page.port}\n`);
  return {
    url: page.url,
    observer: {
      deliveryStarted: (event) => local?.observer.deliveryStarted(event, event.Records),
      deliveryEnded: (event) => local?.observer.deliveryEnded(event),
    },
    addLine: (line) => {
      const committed = committedIn(line);
      if (committed) local?.observer.committed(committed.batchNo, committed.atMs);
    },
    show: (stack, more) => {
      local = localSource(stack, more);
      ready(local.source);
    },
    stop: async () => {
      local?.stop();
      await page.stop();
    },
  };
}

async function lastPort(home: string): Promise<number> {
  const text = await readFile(join(home, PORT_FILE), 'utf8').catch(() => '0');
  const port = Number(text);
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : 0;
}

/** The batch that a line of the function's log says was committed, and when. */
export function committedIn(line: string): { batchNo: number; atMs: number } | undefined {
  if (!line.startsWith('{') || !line.includes('"batch committed"')) return undefined;
  const { message, batchNo, timestamp } = JSON.parse(line) as Record<string, unknown>;
  if (message !== 'batch committed' || typeof batchNo !== 'number') return undefined;
  return { batchNo, atMs: typeof timestamp === 'string' ? Date.parse(timestamp) : Date.now() };
}
