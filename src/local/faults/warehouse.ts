import type { Fault, FaultSource } from './plan.ts';
import type { Fault as WarehouseFault, FaultHook } from '../redshift/index.ts';

/** The operation name for single SQL statements in fault plans. */
const STATEMENT_OPERATION = 'Statement';

/** A fault source as the local warehouse's hook. `killCaller` kills the function that may have called. */
export function warehouseFaults(faults: FaultSource, killCaller: () => void): FaultHook {
  return ({ operation, request, statementIndex }) => {
    const isCall = statementIndex === undefined;
    const fault = faults('redshift-data', isCall ? operation : STATEMENT_OPERATION, statementName(request));
    return fault && translate(fault, isCall, killCaller);
  };
}

function statementName(request: unknown): string | undefined {
  if (typeof request !== 'object' || request === null || !('StatementName' in request)) return undefined;
  return typeof request.StatementName === 'string' ? request.StatementName : undefined;
}

function translate(fault: Fault, isCall: boolean, killCaller: () => void): WarehouseFault {
  switch (fault.do) {
    case 'error':
    case 'error after':
      return {
        kind: fault.do === 'error' ? 'error before' : 'error after',
        exception: fault.code ?? 'InternalServerException',
        message: fault.message ?? 'The local warehouse fails by plan.',
        httpStatus: fault.status ?? 500,
      };
    case 'drop reply':
      return { kind: 'reply lost' };
    case 'kill':
      killCaller();
      return isCall ? { kind: 'request lost' } : { kind: 'delay', milliseconds: 0 };
    case 'kill after':
      // The call continues without its caller.
      killCaller();
      return isCall ? { kind: 'reply lost' } : { kind: 'delay', milliseconds: 0 };
    case 'throttle':
      return { kind: 'throttle' };
    case 'delay':
      return { kind: 'delay', milliseconds: fault.milliseconds };
    case 'fail statement':
      return { kind: 'statement fails', message: fault.message };
    case 'fail statement after':
      return { kind: 'statement fails after', message: fault.message };
    case 'lose session':
      if (isCall) return { kind: 'session lost' };
      throw new Error('A session is lost between two calls, not within a statement.');
    case 'forbid':
    case 'say state':
    case 'say no roles':
    case 'refuse entry':
    case 'duplicate':
    case 'reorder':
    case 'lose':
      throw new Error(`A call of the warehouse cannot "${fault.do}".`);
  }
}
