import type { TransactionResult } from '../ports.ts';
import { placeholdersIn, render, type TemplateValues } from '../sql/template.ts';
import type { Statement, Templates } from '../sql/statement.ts';
import { deadlineOf, rebuildFiles, type RebuildDeps, type Schemas } from './deps.ts';

/** Tries of one transaction, of which each waits longer than the one before. */
const TRIES = 6;
const FIRST_PAUSE_MS = 250;

/** Renders a file of sql/rebuild with the schemas and values it names. */
export function statementOf(
  name: string,
  files: Templates,
  { live, next, old }: Schemas,
  { identifiers = {}, literals = {}, keywords = {}, users = {} }: TemplateValues = {},
): Statement {
  const text = files[name];
  if (text === undefined) throw new Error(`there is no sql/rebuild/${name}.sql`);
  const used = placeholdersIn(text);
  const only = <T>(values: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(Object.entries(values).filter(([placeholder]) => used.has(placeholder)));
  const values = {
    identifiers: only({ schema: live, next, old, ...identifiers }),
    literals: only(literals),
    keywords: only(keywords),
    users: only(users),
  };
  return { stage: 'record', name, text: render(text, values).text };
}

/**
 * Runs a transaction until it is known what became of it: what was lost on the way is asked for under the same token, what may pass
 * by itself is tried anew. Gives the failure of a statement that will fail again.
 * @throws LoaderError when nobody knows, or nothing got through.
 */
export async function runToEnd(
  name: string,
  statements: readonly Statement[],
  deps: RebuildDeps,
): Promise<Exclude<TransactionResult, { kind: 'unknown' }>> {
  const { warehouse, clock } = deps.connection;
  let failures = 0;
  for (let tried = 1; ; tried += 1) {
    const token = `${deps.runId}-${name}-${failures}`;
    const result = await warehouse.transaction(`sparkify rebuild ${name}`, statements, {}, token, deadlineOf(deps));
    if (result.kind === 'committed') return result;
    if (result.kind === 'failed') failures += 1;
    if (!result.error.retryable || tried === TRIES) {
      if (result.kind === 'failed') return result;
      throw result.error;
    }
    await clock.sleep(FIRST_PAUSE_MS * 2 ** (tried - 1));
  }
}

/** The same for what must not fail. @throws LoaderError */
export async function mustRun(name: string, statements: readonly Statement[], deps: RebuildDeps): Promise<void> {
  const result = await runToEnd(name, statements, deps);
  if (result.kind === 'failed') throw result.error;
}

/** Statements in groups that fit one transaction. */
export function inTransactions(statements: readonly Statement[], most: number): Statement[][] {
  return Array.from({ length: Math.ceil(statements.length / most) }, (_, index) =>
    statements.slice(index * most, (index + 1) * most),
  );
}

/** Renders one statement of this rebuild. */
export function ownStatement(name: string, deps: RebuildDeps, values: TemplateValues = {}): Statement {
  return statementOf(name, rebuildFiles(deps), deps.schemas, values);
}
