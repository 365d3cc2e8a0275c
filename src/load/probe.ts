import { LoaderError } from '../errors.ts';
import { readLedgerEntries } from '../ledger/reports.ts';
import type { ProbeAnswer } from '../waiting/resume.ts';
import { ledgerOf, type LoadDeps } from './deps.ts';

/** The id of no object. */
const NO_OBJECT = '0'.repeat(32);

/** Asks the ledger about no object, with the loader's own rights, as each load begins. */
export async function probe(deps: LoadDeps, deadlineMs: number): Promise<ProbeAnswer> {
  try {
    await readLedgerEntries([NO_OBJECT], ledgerOf(deps, deadlineMs), deps.clock.now());
    deps.pause.worked();
    return { works: true };
  } catch (error) {
    if (!(error instanceof LoaderError)) throw error;
    return { works: false, code: error.code, message: error.message, hint: error.hint };
  }
}
