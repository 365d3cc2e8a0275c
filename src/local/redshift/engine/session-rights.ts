import type { DuckDBConnection } from '@duckdb/node-api';
import {
  belongsTo,
  factsAfter,
  inRenamedSchema,
  isAbout,
  placeFacts,
  placeOf,
  renamedKey,
  schemaOwnerKey,
  userKey,
  userOf,
} from '../rights/rights.ts';
import { quoteLiteral } from '../sql/scope.ts';
import { SqlError, type Facts, type RightsChange } from '../types.ts';

/** Users and rights as one session sees them: those that are committed, and over them what its open transaction has changed. */
export class SessionRights implements Facts {
  readonly #committed: Map<string, string>;
  readonly #changes = new Map<string, string | undefined>();

  constructor(committed: Map<string, string>) {
    this.#committed = committed;
  }

  get(key: string): string | undefined {
    return this.#changes.has(key) ? this.#changes.get(key) : this.#committed.get(key);
  }

  /** Carries out a change in the session's transaction. Throws SqlError for users that there are not, or are already. */
  async apply(change: RightsChange, connection: DuckDBConnection): Promise<void> {
    if (change.kind === 'create user') this.#refuseTwin(change.user);
    for (const [key, value] of factsAfter(change, this)) await this.#set(key, value, connection);
  }

  /** Two users whose names differ in case alone might be one on Redshift. */
  #refuseTwin(user: string): void {
    const twin = this.#entries().find(([key]) => userOf(key)?.toLowerCase() === user.toLowerCase());
    if (twin) throw new SqlError(`user "${userOf(twin[0]) ?? ''}" already exists`, '42710');
  }

  /** Records who owns a schema. */
  async own(schema: string, owner: string, connection: DuckDBConnection): Promise<void> {
    await this.#set(schemaOwnerKey(schema), owner, connection);
  }

  /** Forgets the rights on a table or view that is dropped, or on a schema and all in it. */
  async forget(connection: DuckDBConnection, schema: string, relation?: string): Promise<void> {
    const keys = this.#entries().flatMap(([key]) => (isAbout(key, schema, relation) ? key : []));
    if (keys.length > 0) await removeAll(keys, connection);
    for (const key of keys) this.#changes.set(key, undefined);
  }

  /** Gives a table's rights to its new name. */
  async rename(schema: string, relation: string, name: string, connection: DuckDBConnection): Promise<void> {
    for (const [key, value] of this.#entries()) {
      if (!isAbout(key, schema, relation)) continue;
      await this.#set(key, undefined, connection);
      await this.#set(renamedKey(key, name), value, connection);
    }
  }

  /** Gives all that is known of a schema to its new name, and remembers where the engine has it. */
  async renameSchema(schema: string, name: string, place: string, connection: DuckDBConnection): Promise<void> {
    for (const [key, value] of this.#entries()) {
      if (!isAbout(key, schema)) continue;
      await this.#set(key, undefined, connection);
      await this.#set(inRenamedSchema(key, name), value, connection);
    }
    for (const fact of placeFacts(schema, undefined)) await this.#set(...fact, connection);
    await this.place(name, place, connection);
  }

  /** Remembers where the engine has a schema. */
  async place(schema: string, place: string, connection: DuckDBConnection): Promise<void> {
    for (const fact of placeFacts(schema, place)) await this.#set(...fact, connection);
  }

  /** Forgets where the engine had a schema that is dropped. */
  async displace(schema: string, connection: DuckDBConnection): Promise<void> {
    for (const [key] of [...placeFacts(schema, placeOf(this, schema))]) await this.#set(key, undefined, connection);
  }

  ownsSchema(user: string): boolean {
    return this.#entries().some(([key, value]) => belongsTo(key, value, user) && value === user);
  }

  /** Whether a user was granted anything. */
  isGranted(user: string): boolean {
    return this.#entries().some(([key, value]) => belongsTo(key, value, user));
  }

  /** Publishes what the transaction changed; gives whether it changed anything. */
  commit(): boolean {
    const hasChanged = this.#changes.size > 0;
    for (const [key, value] of this.#changes) {
      if (value === undefined) this.#committed.delete(key);
      else this.#committed.set(key, value);
    }
    this.#changes.clear();
    return hasChanged;
  }

  rollback(): void {
    this.#changes.clear();
  }

  /** Makes the user whom IAM lets in for the first time, outside of any transaction. */
  async logIn(user: string, connection: DuckDBConnection): Promise<void> {
    const key = userKey(user);
    if (this.#committed.has(key)) return;
    // Two first logins at once make one user.
    this.#committed.set(key, 'user');
    await add(key, 'user', connection);
  }

  #entries(): [key: string, value: string][] {
    const keys = new Set([...this.#committed.keys(), ...this.#changes.keys()]);
    return [...keys].flatMap((key): [string, string][] => {
      const value = this.get(key);
      return value === undefined ? [] : [[key, value]];
    });
  }

  async #set(key: string, value: string | undefined, connection: DuckDBConnection): Promise<void> {
    if (this.get(key) !== undefined) await removeAll([key], connection);
    if (value !== undefined) await add(key, value, connection);
    this.#changes.set(key, value);
  }
}

async function removeAll(keys: readonly string[], connection: DuckDBConnection): Promise<void> {
  const facts = keys.map(quoteLiteral).join(', ');
  await connection.run(`DELETE FROM redshift_catalog.rights WHERE fact IN (${facts})`);
}

async function add(key: string, value: string, connection: DuckDBConnection): Promise<void> {
  await connection.run(`INSERT INTO redshift_catalog.rights VALUES (${quoteLiteral(key)}, ${quoteLiteral(value)})`);
}
