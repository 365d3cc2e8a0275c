import { identifier } from './tokens.ts';
import type { Token } from './tokens.ts';
import { SqlError } from './types.ts';

/**
 * Throws when a condition uses a name that only the select list gives. The engine understands that; Redshift does not,
 * in WHERE and in HAVING. `columns` are those of the tables in FROM; undefined when they are not all known, and then
 * nothing is said.
 */
export function refuseAliases(
  condition: Token[],
  aliases: ReadonlySet<string>,
  columns: ReadonlySet<string> | undefined,
): void {
  if (!columns) return;
  for (const [index, token] of condition.entries()) {
    if (token.kind !== 'word' && token.kind !== 'quoted') continue;
    // A query inside has tables of its own.
    if (token.kind === 'word' && token.text.toUpperCase() === 'SELECT') return;
    const isQualified = [condition[index - 1]?.text, condition[index + 1]?.text].includes('.');
    const isCall = condition[index + 1]?.text === '(';
    const name = identifier(token);
    if (isQualified || isCall || !aliases.has(name) || columns.has(name)) continue;
    throw new SqlError(`column "${name}" does not exist`, '42703');
  }
}
