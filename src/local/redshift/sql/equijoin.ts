import { conjuncts } from './conditions.ts';
import type { Relation } from './names.ts';
import { splitAt, unwrapped } from './token-groups.ts';
import { identifier, type Token } from './tokens.ts';
import { SqlError } from '../types.ts';

/**
 * Throws when no part of the WHERE of an UPDATE … FROM or a DELETE … USING equates a column of the target with one of the other
 * tables: Redshift changes no table by a product or a range alone, and one part of an OR is not enough
 * (https://docs.aws.amazon.com/redshift/latest/dg/c_Examples_of_UPDATE_statements.html, airbytehq/airbyte#83304).
 */
export function refuseWithoutEquijoin(where: Token[], target: Relation, others: readonly Relation[]): void {
  if (isEquijoin(where, target, others)) return;
  throw new SqlError('Target table must be part of an equijoin predicate', '0A000');
}

function isEquijoin(condition: Token[], target: Relation, others: readonly Relation[]): boolean {
  const bare = unwrapped(condition);
  if (bare !== condition) return isEquijoin(bare, target, others);
  const alternatives = conjuncts(condition, new Set(['OR']));
  if (alternatives.length > 1) return false;
  const parts = conjuncts(condition, new Set(['AND']));
  if (parts.length > 1) return parts.some((part) => isEquijoin(part, target, others));
  const sides = splitAt(condition, ({ kind, text }) => kind === 'operator' && text === '=');
  const owners = sides.map((side) => ownersOf(side, target, others));
  return owners.length === 2 && owners.includes('target') && owners.includes('others');
}

/** Whose columns an expression has; undefined when it has none, or columns of both. */
function ownersOf(side: Token[], target: Relation, others: readonly Relation[]): 'target' | 'others' | undefined {
  const found = new Set<'target' | 'others'>();
  const has = (relation: Relation, column: string): boolean =>
    relation.columns?.some(({ name }) => name === column) ?? false;
  for (const [index, token] of side.entries()) {
    if (token.kind !== 'word' && token.kind !== 'quoted') continue;
    if (side[index + 1]?.text === '.' || side[index + 1]?.text === '(') continue;
    const column = identifier(token);
    const qualifier = side[index - 1]?.text === '.' ? side[index - 2] : undefined;
    if (qualifier !== undefined) found.add(identifier(qualifier) === target.name ? 'target' : 'others');
    else if (has(target, column)) found.add('target');
    else if (others.some((one) => has(one, column))) found.add('others');
  }
  const [only] = found;
  return found.size === 1 ? only : undefined;
}
