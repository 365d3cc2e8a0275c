import type { Cursor } from './cursor.ts';
import type { Scope } from './scope.ts';
import type { Token } from './tokens.ts';
import type { Catalog, CopyStatement } from '../types.ts';

/** What the translation of a statement depends on beside its text and the catalog. */
export type TranslateOptions = {
  inTransaction: boolean;
  /** Parses a COPY statement. */
  copy: (tokens: Token[]) => CopyStatement;
  /** The clock behind GETDATE(). */
  now?: () => Date;
};

/** What the handlers of statements share while one statement is translated; `locks` collects the tables of LOCK. */
export type Context = { cursor: Cursor; scope: Scope; catalog: Catalog; options: TranslateOptions; locks: Set<string> };
