import { isReserved } from './reserved-words.ts';
import { identifier, keyword, syntaxError, tokenize } from './tokens.ts';
import type { Token } from './tokens.ts';
import type { SqlError, TableName } from '../types.ts';

/** Walks the tokens of one statement from left to right. */
export class Cursor {
  readonly sql: string;
  readonly tokens: Token[];
  position = 0;

  constructor(sql: string) {
    this.sql = sql;
    this.tokens = tokenize(sql);
  }

  peek(offset = 0): Token | undefined {
    return this.tokens[this.position + offset];
  }

  /** The next token as an upper-case keyword; the empty string when it is not a bare word. */
  keyword(offset = 0): string {
    return keyword(this.peek(offset));
  }

  get atEnd(): boolean {
    return this.position >= this.tokens.length;
  }

  /** Consumes the next token whatever it is; throws when there is none. */
  next(): Token {
    const token = this.peek();
    if (!token) throw syntaxError(undefined);
    this.position++;
    return token;
  }

  isOperator(text: string, offset = 0): boolean {
    const token = this.peek(offset);
    return token?.kind === 'operator' && token.text === text;
  }

  takeOperator(text: string): boolean {
    if (!this.isOperator(text)) return false;
    this.position++;
    return true;
  }

  /** Parses the given keywords if they come next, all of them and in this order. */
  take(...words: string[]): boolean {
    if (!words.every((word, offset) => this.keyword(offset) === word)) return false;
    this.position += words.length;
    return true;
  }

  /** Parses whichever of the words comes next. */
  takeOneOf(words: ReadonlySet<string>): string | undefined {
    const word = this.keyword();
    if (!words.has(word)) return undefined;
    this.position++;
    return word;
  }

  expect(word: string): void {
    if (!this.take(word)) throw this.unexpected();
  }

  expectOperator(text: string): void {
    if (!this.takeOperator(text)) throw this.unexpected();
  }

  /** Throws unless the statement is over. */
  expectEnd(): void {
    if (!this.atEnd) throw this.unexpected();
  }

  /** The error for the next token being there. */
  unexpected(): SqlError {
    return syntaxError(this.peek()?.text);
  }

  /** Parses a name; reserved words count only when quoted. */
  identifier(): string {
    if (!this.isIdentifier()) throw this.unexpected();
    return identifier(this.next());
  }

  /** Parses a name where the grammar allows reserved words too: after a dot, after AS in a select list. */
  label(): string {
    const token = this.peek();
    if (token?.kind !== 'word' && token?.kind !== 'quoted') throw this.unexpected();
    return identifier(this.next());
  }

  isIdentifier(offset = 0): boolean {
    const token = this.peek(offset);
    return token?.kind === 'quoted' || (token?.kind === 'word' && !isReserved(token.text));
  }

  /** Parses `name` or `schema.name`. */
  tableName(): TableName {
    const first = this.identifier();
    if (!this.takeOperator('.')) return { schema: undefined, name: first };
    return { schema: first, name: this.label() };
  }

  /** Parses `(item, item, …)`. */
  list<Item>(item: () => Item): Item[] {
    this.expectOperator('(');
    const items = [item()];
    while (this.takeOperator(',')) items.push(item());
    this.expectOperator(')');
    return items;
  }

  /** Consumes the next token as a whole number. */
  integer(): number {
    const token = this.peek();
    if (token?.kind !== 'number' || !/^\d+$/.test(token.text)) throw this.unexpected();
    this.position++;
    return Number(token.text);
  }
}
