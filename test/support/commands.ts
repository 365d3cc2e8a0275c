import { interruptibleClock } from '../../src/aws/telemetry.ts';
import type { ExitCode, Io } from '../../src/commands/command.ts';
import { runProgram } from '../../src/commands/program.ts';
import type { Connection, Queue } from '../../src/ports.ts';

/** What a command printed, and how it ended. */
export type Ran = { out: string; err: string; code: ExitCode };

/** How a command is run otherwise than without a terminal, at the stack's own connection. */
export type RunOptions = Partial<Io> & { connection?: Connection };

/** Runs a command in this process, as the command line does. */
export async function runCommand(
  connection: Connection | undefined,
  argv: string[],
  more: RunOptions = {},
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
  const connect = (): Connection => {
    const found = more.connection ?? (connection && { ...connection, clock: interruptibleClock(io.interrupted) });
    if (found === undefined) throw new Error('There is no stack to connect to.');
    return found;
  };
  await runProgram(argv, { io, useStage, connect, exit, version: '0.0.0' });
  return ran;
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
