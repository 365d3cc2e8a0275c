import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { interruptibleClock } from '../../src/aws/telemetry.ts';
import type { ExitCode, Io } from '../../src/commands/command.ts';
import { runProgram } from '../../src/commands/program.ts';
import { schemaDeps } from '../../src/commands/create-tables.ts';
import type { Queue, Connection } from '../../src/ports.ts';
import { startStack, LOCAL_NAMES, type Stack, type StackOptions } from '../../src/local/stack.ts';
import { upgradeSchema } from '../../src/schema/upgrade.ts';

/** What a command printed, and how it ended. */
export type Ran = { out: string; err: string; code: ExitCode };

export type CommandStack = Stack & {
  /** Runs a command as the command line does. */
  run: (argv: string[], more?: Partial<Io> & { connection?: Connection }) => Promise<Ran>;
  /** Runs a command with --json and reads what it printed. */
  json: (argv: string[]) => Promise<Record<string, unknown>>;
  /** Puts an object; without `notify` its notification is lost. */
  put: (key: string, body: string, options?: { notify?: boolean }) => Promise<void>;
  close: () => Promise<void>;
};

const landing = LOCAL_NAMES.landingBucket;

/** A stack with tables and the loader running, for commands to be tried on. */
export async function startCommandStack(options: Partial<StackOptions> = {}): Promise<CommandStack> {
  const home = await mkdtemp(join(tmpdir(), 'commands-'));
  const lost = { now: false };
  const stack = await startStack({
    home,
    inMemory: true,
    windowSeconds: 0,
    batchSize: 10,
    faults: (service) => (service === 'notifications' && lost.now ? { do: 'lose' } : undefined),
    ...options,
  });
  await upgradeSchema(schemaDeps(stack.connection));
  const run: CommandStack['run'] = (argv, more = {}) => runCommand(stack.connection, argv, more);
  return {
    ...stack,
    run,
    json: async (argv) => {
      const { out, err, code } = await run([...argv, '--json']);
      if (out === '') throw new Error(`nothing was printed; exit ${code}: ${err}`);
      return JSON.parse(out) as Record<string, unknown>;
    },
    put: async (key, body, { notify = true } = {}) => {
      lost.now = !notify;
      const { file, sizeBytes, md5 } = await stack.aws.store.spool(Readable.from([Buffer.from(body)]));
      await stack.aws.store.put(
        landing,
        { key, file, owned: true, sizeBytes, etag: md5, contentType: 'application/json', metadata: {}, at: new Date() },
        'ObjectCreated:Put',
      );
      lost.now = false;
    },
    close: async () => {
      await stack.stop();
      await rm(home, { recursive: true });
    },
  };
}

async function runCommand(
  connection: Connection,
  argv: string[],
  more: Partial<Io> & { connection?: Connection },
): Promise<Ran> {
  const ran: Ran = { out: '', err: '', code: 0 };
  const io: Io = {
    out: (line) => (ran.out += `${line}\n`),
    err: (line) => (ran.err += `${line}\n`),
    confirm: () => Promise.resolve(false),
    isTerminal: false,
    screen: () => undefined,
    user: 'ann@laptop',
    interrupted: new AbortController().signal,
    ...more,
  };
  const exit = (code: ExitCode): void => {
    ran.code = code;
  };
  const useStage = (stage: string | undefined): Promise<void> =>
    stage === undefined ? Promise.resolve() : Promise.reject(new Error(`no stack is deployed for ${stage}`));
  const connect = (): Connection => more.connection ?? { ...connection, clock: interruptibleClock(io.interrupted) };
  await runProgram(argv, { io, useStage, connect, exit, version: '0.0.0' });
  return ran;
}

/** The text of a song file. */
export function song(number: number, more: Record<string, unknown> = {}): string {
  return JSON.stringify({
    num_songs: 1,
    song_id: `SO${number}`,
    title: `Title ${number}`,
    artist_id: `AR${number % 50}`,
    artist_name: `Artist ${number % 50}`,
    artist_location: '',
    artist_latitude: null,
    artist_longitude: null,
    year: 2000,
    duration: 200.5,
    ...more,
  });
}

/** A connection whose queue takes messages by another way, and is itself in all else. */
export function sendingBy(connection: Connection, send: Queue['send']): Connection {
  const { queue } = connection;
  return {
    ...connection,
    queue: {
      send,
      receive: (...args) => queue.receive(...args),
      delete: (...args) => queue.delete(...args),
      changeVisibility: (...args) => queue.changeVisibility(...args),
      depth: (...args) => queue.depth(...args),
    },
  };
}
