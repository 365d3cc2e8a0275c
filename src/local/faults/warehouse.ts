import type { Fault, FaultSource } from './plan.ts';
import type { Fault as WarehouseFault, FaultHook } from '../redshift/index.ts';

/** The operation under which a plan of faults speaks of single SQL statements. */
const STATEMENT_OPERATION = 'Statement';

/** A plan of faults in the words of the local warehouse. `killCaller` kills the function that may have called. */
export function warehouseFaults(faults: FaultSource, killCaller: () => void): FaultHook {
  return ({ operation, statementIndex }) => {
    const isCall = statementIndex === undefined;
    const fault = faults('redshift-data', isCall ? operation : STATEMENT_OPERATION);
    return fault && translate(fault, isCall, killCaller);
  };
}

function translate(fault: Fault, isCall: boolean, killCaller: () => void): WarehouseFault {
  switch (fault.do) {
    case 'error':
    case 'error after':
      return {
        kind: fault.do === 'error' ? 'error before' : 'error after',
        exception: fault.code ?? 'InternalServerException',
        message: fault.message ?? 'The local warehouse was told to fail.',
        httpStatus: fault.status ?? 500,
      };
    case 'drop reply':
      return { kind: 'reply lost' };
    case 'kill':
      killCaller();
      return isCall ? { kind: 'request lost' } : { kind: 'delay', milliseconds: 0 };
    case 'kill after':
      // The call goes on without its caller, which is all the caller could tell.
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
    case 'forbid':
    case 'duplicate':
    case 'reorder':
    case 'lose':
      throw new Error(`A call of the warehouse cannot "${fault.do}".`);
  }
}
