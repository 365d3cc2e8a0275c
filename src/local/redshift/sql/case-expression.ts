import { refuseCondition, refuseMixture } from './conditions.ts';
import type { Cursor } from './cursor.ts';
import { expression } from './expressions.ts';
import type { Scope } from './scope.ts';
import { caseBranches } from './token-groups.ts';
import type { Token } from './tokens.ts';

/** Parses `CASE … END`. */
export function caseExpression(cursor: Cursor, scope: Scope): string {
  const start = cursor.position;
  cursor.expect('CASE');
  const out = ['CASE'];
  const isSearched = cursor.keyword() === 'WHEN';
  if (!isSearched) out.push(expression(cursor, scope));
  const conditions: Token[][] = [];
  do {
    cursor.expect('WHEN');
    const from = cursor.position;
    out.push('WHEN', expression(cursor, scope));
    if (isSearched) conditions.push(cursor.tokens.slice(from, cursor.position));
    cursor.expect('THEN');
    out.push('THEN', expression(cursor, scope));
  } while (cursor.keyword() === 'WHEN');
  if (cursor.take('ELSE')) out.push('ELSE', expression(cursor, scope));
  cursor.expect('END');
  const branches = caseBranches(cursor.tokens.slice(start, cursor.position));
  scope.names?.check((column) => {
    for (const condition of conditions) refuseCondition('CASE/WHEN', condition, column);
    refuseMixture('CASE', branches, column);
  });
  return [...out, 'END'].join(' ');
}
