import { interruptibleClock } from '../../src/aws/telemetry.ts';
import type { CommandContext, ExitCode, Io } from '../../src/commands/command.ts';
import { runProgram } from '../../src/commands/program.ts';
import { LoaderError } from '../../src/errors.ts';
import type { Connection, Queue } from '../../src/ports.ts';

/** What a command printed, and how it ended. */
export type Ran = { out: string; err: string; code: ExitCode };

/** How a command is run otherwise than without a terminal, at the stack's own connection. */
export type RunOptions = Partial<Io> & {
  connection?: Connection;
  controlPlane?: CommandContext['controlPlane'];
  /** The outputs of the one stack that is deployed, `dev`. */
  outputs?: Readonly<Record<string, string>>;
};

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
  const useStage: CommandContext['useStage'] = (stage) => {
    const region = connection?.config.names.region ?? '';
    if (stage === undefined) return Promise.resolve({ region, outputs: {} });
    if (more.outputs !== undefined && stage === 'dev') return Promise.resolve({ region, outputs: more.outputs });
    return Promise.reject(new LoaderError('usage', `There is no stack sparkify-${stage} in ${region}.`, 'Deploy it'));
  };
  const controlPlane = more.controlPlane ?? (() => Promise.reject(new Error('There is no control plane to look at.')));
  const connect = (): Connection => {
    const found = more.connection ?? (connection && { ...connection, clock: interruptibleClock(io.interrupted) });
    if (found === undefined) throw new Error('There is no stack to connect to.');
    return found;
  };
  await runProgram(argv, { io, useStage, connect, controlPlane, exit, version: '0.0.0' });
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
