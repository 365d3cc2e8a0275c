import { placeOf } from '../rights/rights.ts';
import type { Cursor } from './cursor.ts';
import { refused, unsupported } from './refusals.ts';
import { quoteName } from './scope.ts';
import type { Scope } from './scope.ts';

/** Parses `column`, `table.column`, `schema.table.column` or `table.*`, and notes it among the names of its query. */
export function columnReference(cursor: Cursor, scope: Scope): string {
  const isBehindEquals = cursor.isOperator('=', -1);
  const names = [cursor.identifier()];
  let isWhole = false;
  while (!isWhole && cursor.takeOperator('.')) {
    isWhole = cursor.takeOperator('*');
    if (!isWhole) names.push(cursor.label());
  }
  const written = names.join('.');
  if (names.length > 3) {
    throw refused(
      `cross-database references are not implemented: "${written}"`,
      'schema.table.column at most',
      '0A000',
    );
  }
  // The engine has a hidden column of this name in every table.
  if (names.at(-1) === 'rowid') throw unsupported('columns called rowid');
  if (!isWhole) scope.names?.refer(names, isBehindEquals || cursor.isOperator('='));
  return [...placed(names, isWhole, scope).map(quoteName), ...(isWhole ? ['*'] : [])].join('.');
}

/** The names as the engine knows them: it may have the schema by another name. */
function placed(names: readonly string[], isWhole: boolean, { catalog }: Scope): readonly string[] {
  const [schema = '', ...others] = names;
  return names.length === (isWhole ? 2 : 3) ? [placeOf(catalog.facts, schema), ...others] : names;
}
