import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from './plan.ts';

/** Writes the fault's error in the service's format. */
export type ErrorReply = (fault: Fault) => void;

/**
 * Runs a request's handler under a fault: instead of it (error, throttle, forbid), after it has acted but without its
 * answer (drop reply, error after), or later (delay).
 */
export async function applyFault(
  fault: Fault | undefined,
  call: {
    response: ServerResponse;
    replyError: ErrorReply;
    /** Kills the processes of the function that may have made the call. */
    killCaller: () => void;
    handle: () => void | Promise<void>;
  },
): Promise<void> {
  const { response, replyError, killCaller, handle } = call;
  switch (fault?.do) {
    case undefined:
      return handle();
    case 'delay':
      await sleep(fault.milliseconds);
      return handle();
    case 'drop reply':
      interceptReply(response, () => {
        response.destroy();
      });
      return handle();
    case 'error after':
      interceptReply(response, () => {
        replyError(fault);
      });
      return handle();
    case 'error':
    case 'throttle':
    case 'forbid':
      replyError(fault);
      return;
    case 'kill':
      killCaller();
      response.destroy();
      return;
    case 'kill after':
      interceptReply(response, () => {
        killCaller();
        response.destroy();
      });
      return handle();
    case 'fail statement':
    case 'fail statement after':
    case 'lose session':
    case 'say state':
    case 'say no roles':
    case 'refuse entry':
    case 'duplicate':
    case 'reorder':
    case 'lose':
      throw new Error(`A request cannot "${fault.do}".`);
  }
}

/** Discards the handler's reply; when it is complete, `instead` replies with the restored response. */
function interceptReply(response: ServerResponse, instead: () => void): void {
  response.writeHead = () => response;
  response.write = () => true;
  response.end = () => {
    // The methods above hide the prototype's; without them the response is as it was.
    for (const name of ['writeHead', 'write', 'end']) Reflect.deleteProperty(response, name);
    for (const name of response.getHeaderNames()) response.removeHeader(name);
    instead();
    return response;
  };
}
