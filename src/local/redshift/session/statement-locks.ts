import type { LockMode } from './locks.ts';
import type { Translation } from '../types.ts';

/** The tables a statement touches, each with the strongest lock it needs, in one order for everybody. */
export function locksOf(translation: Translation): Map<string, LockMode> {
  const strongest = writeMode(translation);
  const locks = new Map<string, LockMode>();
  for (const table of translation.reads.filter(isUserTable)) locks.set(table, 'read');
  for (const table of translation.writes.filter(isUserTable)) locks.set(table, strongest);
  const sorted = new Map([...locks].sort(([one], [other]) => (one < other ? -1 : 1)));
  // LOCK a, b takes them in the order written: this is how people avoid, and cause, deadlocks.
  for (const table of translation.locks) sorted.set(table, 'exclusive');
  // Changes of rights wait for each other, and for no table.
  if (translation.plan.kind === 'rights') sorted.set('rights', 'exclusive');
  return sorted;
}

function writeMode({ plan, verb }: Translation): LockMode {
  if (plan.kind === 'copy' || (plan.kind === 'write' && verb === 'INSERT')) return 'insert';
  return plan.kind === 'write' || plan.kind === 'merge' ? 'write' : 'exclusive';
}

/** Two transactions may add rows to one table at once, even rows with the same key: nothing enforces keys on Redshift. */
export function insertOnly(translation: Translation): boolean {
  return writeMode(translation) === 'insert';
}

function isUserTable(table: string): boolean {
  return !/^(redshift_system|pg_catalog|information_schema)\./.test(table);
}
