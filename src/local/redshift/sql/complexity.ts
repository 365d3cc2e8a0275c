import { keyword, type Token } from './tokens.ts';
import { SqlError } from '../types.ts';

/**
 * The limits of one statement. Redshift's own limits are undocumented and higher; beyond these the engine plans for minutes
 * without being cancellable, or this program's own work would block everyone.
 */
const BOUNDS = {
  /** Nesting of parentheses and CASEs, and consecutive signs. */
  nesting: 64,
  /** UNIONs and their like in one query. */
  setOperators: 500,
  /** Tables in one FROM. */
  tables: 50,
  /** Characters that one call becomes: some repeat their arguments. */
  callLength: 1_000_000,
  /** Uses of arguments by the functions written in the engine's language, which repeat theirs when it binds them. */
  expansions: 1_000_000,
};

function tooComplex(what: string): SqlError {
  return new SqlError(`the local warehouse does not take statements this complex: ${what}`, '54001');
}

/** Throws when a count is beyond its bound. */
export function refuseMany(what: 'nesting' | 'setOperators' | 'tables' | 'callLength', count: number): void {
  const names = {
    nesting: 'levels of nesting',
    setOperators: 'set operators in a query',
    tables: 'tables in a FROM',
    callLength: 'characters in one call',
  };
  if (count > BOUNDS[what]) throw tooComplex(`at most ${BOUNDS[what]} ${names[what]}`);
}

/** Throws when parentheses and CASEs are too deep in each other. */
export function refuseDeep(tokens: readonly Token[]): void {
  let depth = 0;
  for (const token of tokens) {
    const text = token.kind === 'operator' ? token.text : keyword(token);
    if (text === '(' || text === 'CASE') refuseMany('nesting', ++depth);
    else if ((text === ')' || text === 'END') && depth > 0) depth--;
  }
}

/** How often each function written in the engine's language uses its arguments. */
export type MacroUses = Readonly<Record<string, number>>;

const PIECES = /'[^']*'|"[^"]*"|([a-z_]+)?\(|\)|,/g;

/** Throws when the functions of the engine's language, called inside of each other, would make an endless text of this one. */
export function refuseExpansion(sql: string, uses: MacroUses): void {
  const factors = [1];
  let total = 0;
  for (const [piece, name = ''] of sql.matchAll(PIECES)) {
    const factor = factors.at(-1) ?? 1;
    total += factor;
    if (total > BOUNDS.expansions) throw tooComplex('functions and casts too deep in each other');
    if (piece.endsWith('(')) factors.push(factor * (Object.hasOwn(uses, name) ? (uses[name] ?? 1) : 1));
    else if (piece === ')' && factors.length > 1) factors.pop();
  }
}
