import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from '../faults/plan.ts';
import { FunctionError, LambdaProcess, type LambdaProcessSettings } from './process.ts';

/** The function did not answer in time; its process was killed. */
export class FunctionTimedOut extends Error {
  override readonly name = 'FunctionTimedOut';
  constructor(timeoutSeconds: number) {
    super(`Task timed out after ${timeoutSeconds.toFixed(2)} seconds`);
  }
}

export type LambdaFunctionSettings = LambdaProcessSettings & {
  timeoutSeconds: number;
  /** Processes started ahead of the first event. */
  warmProcesses: number;
  /** Called before each invocation. */
  nextFault?: () => Fault | undefined;
};

/**
 * A Lambda function in local processes, each of which handles one event at a time and is used again for the next.
 * A process that crashed or was killed is replaced by a new one.
 */
export class LambdaFunction {
  readonly #settings: LambdaFunctionSettings;
  #idle: LambdaProcess[];
  readonly #busy = new Set<LambdaProcess>();

  constructor(settings: LambdaFunctionSettings) {
    this.#settings = settings;
    this.#idle = Array.from({ length: settings.warmProcesses }, () => new LambdaProcess(settings));
  }

  /**
   * Handles one event; event and answer make a JSON round trip.
   * Throws `FunctionThrew`, `FunctionCrashed`, `FunctionTimedOut`.
   */
  async invoke(event: unknown): Promise<unknown> {
    const fault = this.#settings.nextFault?.();
    if (fault?.do === 'delay') await sleep(fault.milliseconds);
    if (fault?.do === 'error') throw faultError(fault);
    const lambda = this.#takeProcess();
    this.#busy.add(lambda);
    try {
      const answer = this.#run(lambda, event);
      if (fault?.do === 'kill') await Promise.allSettled([answer, lambda.kill()]);
      const json = await answer;
      if (fault?.do === 'error after') throw faultError(fault);
      return JSON.parse(json) as unknown;
    } finally {
      this.#busy.delete(lambda);
      if (lambda.alive) this.#idle.push(lambda);
    }
  }

  /** Kills the processes that are handling an event, as a failing machine would. */
  async killBusy(): Promise<void> {
    await Promise.all([...this.#busy].map((lambda) => lambda.kill()));
  }

  /** Kills every process. */
  async stop(): Promise<void> {
    const processes = [...this.#idle.splice(0), ...this.#busy];
    await Promise.all(processes.map((lambda) => lambda.kill()));
  }

  #takeProcess(): LambdaProcess {
    this.#idle = this.#idle.filter((lambda) => lambda.alive);
    return this.#idle.pop() ?? new LambdaProcess(this.#settings);
  }

  async #run(lambda: LambdaProcess, event: unknown): Promise<string> {
    const { timeoutSeconds } = this.#settings;
    let timedOut = false as boolean;
    const timer = setTimeout(() => {
      timedOut = true;
      void lambda.kill();
    }, timeoutSeconds * 1000);
    try {
      return await lambda.invoke({
        requestId: randomUUID(),
        event: JSON.stringify(event),
        deadlineMs: Date.now() + timeoutSeconds * 1000,
      });
    } catch (error) {
      throw timedOut ? new FunctionTimedOut(timeoutSeconds) : error;
    } finally {
      clearTimeout(timer);
    }
  }
}

function faultError(fault: { code?: string; message?: string }): FunctionError {
  return new FunctionError(fault.code ?? 'Error', fault.message ?? 'The function fails by plan.', undefined);
}
