import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { InvocationReply, InvocationRequest } from './runtime.ts';

/** How the processes of one function are started. */
export type LambdaProcessSettings = {
  runtimeFile: string;
  handlerFile: string;
  functionName: string;
  memoryMegabytes: number;
  region: string;
  /** The function's environment. A process gets only this, what Lambda itself would set, and PATH. */
  environment: Readonly<Record<string, string>>;
  /** Called with each line a process writes, logs and metrics alike. */
  onLine?: (line: string, stream: 'stdout' | 'stderr') => void;
};

/** The handler threw; name, message and stack are its error's. */
export class FunctionError extends Error {
  override readonly name = 'FunctionThrew';
  readonly errorType: string;
  constructor(errorType: string, message: string, stack: string | undefined) {
    super(message);
    this.errorType = errorType;
    if (stack !== undefined) this.stack = stack;
  }
}

/** The process ended before it answered, by itself or by a signal. */
export class FunctionCrashed extends Error {
  override readonly name = 'FunctionCrashed';
}

/** One process that handles one event at a time, and ends with this process. */
export class LambdaProcess {
  readonly #child: ChildProcess;
  readonly #exited: Promise<string>;
  /** Resolves when the handler is loaded; rejects when it cannot be. */
  readonly #ready: Promise<void>;
  #answer: ((reply: InvocationReply) => void) | undefined;

  constructor(settings: LambdaProcessSettings) {
    this.#child = fork(settings.runtimeFile, [settings.handlerFile], {
      env: lambdaEnvironment(settings),
      execArgv: [],
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of ['stdout', 'stderr'] as const) {
      const source = this.#child[stream];
      if (source !== null) createInterface({ input: source }).on('line', (line) => settings.onLine?.(line, stream));
    }
    this.#exited = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => {
        resolve(signal ?? `exit status ${code ?? 'unknown'}`);
      });
      this.#child.once('error', (error) => {
        resolve(error.message);
      });
    });
    this.#child.on('message', (reply: InvocationReply) => this.#answer?.(reply));
    this.#ready = this.#nextReply()
      .then(answerOf)
      .then(() => undefined);
    // The failure goes to whoever invokes the process; until then it is unhandled.
    this.#ready.catch(() => undefined);
  }

  /** Whether the process still runs. */
  get alive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null && this.#child.connected;
  }

  /** Sends one event. Returns the handler's response as JSON. Throws `FunctionThrew`, `FunctionCrashed`. */
  async invoke(request: InvocationRequest): Promise<string> {
    await this.#ready;
    const reply = this.#nextReply();
    this.#child.send(request);
    return answerOf(await reply);
  }

  /** Kills the process at once, as Lambda kills a function that timed out. */
  async kill(): Promise<void> {
    if (!this.alive) return;
    const exit = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exit;
  }

  #nextReply(): Promise<InvocationReply> {
    const reply = new Promise<InvocationReply>((resolve) => {
      this.#answer = resolve;
    });
    const crash = this.#exited.then((how) => {
      throw new FunctionCrashed(`The function's process ended before it answered (${how}).`);
    });
    return Promise.race([reply, crash]);
  }
}

function answerOf(reply: InvocationReply): string {
  switch (reply.kind) {
    case 'ready':
      return '';
    case 'answer':
      return reply.json;
    case 'error':
      throw new FunctionError(reply.name, reply.message, reply.stack);
  }
}

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime */
function lambdaEnvironment(settings: LambdaProcessSettings): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    TZ: ':UTC',
    AWS_REGION: settings.region,
    AWS_DEFAULT_REGION: settings.region,
    AWS_LAMBDA_FUNCTION_NAME: settings.functionName,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(settings.memoryMegabytes),
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    ...settings.environment,
  };
}
