import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { schemaDeps } from '../../src/commands/create-tables.ts';
import { grantLocalUsers } from '../../src/commands/local-tables.ts';
import { LOCAL_NAMES } from '../../src/local/connect.ts';
import type { Fault } from '../../src/local/faults/plan.ts';
import type { StackOptions } from '../../src/local/stack.ts';
import type { Row, Warehouse } from '../../src/ports.ts';
import { definitionsByRelation } from '../../src/schema/migrations.ts';
import type { SchemaDeps } from '../../src/schema/upgrade.ts';
import { song } from '../support/files.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { assertSameStar, linesOfOracle, readStar } from '../simulation/star.ts';
import { oracle } from '../support/oracle.ts';

/** What a later release might bring: no shipped migration alters anything yet. */
const FOLDER = new URL('migrations/', import.meta.url);
const LATER = Object.fromEntries(
  readdirSync(FOLDER).map((file) => [file.replace('.sql', ''), readFileSync(new URL(file, FOLDER), 'utf8')]),
);
export const NAMES = Object.keys(LATER).sort();

/** The tables that the later release alters, and those that it must leave as they are. */
const ALTERED = ['songs', 'artists', 'users'];
const UNTOUCHED = ['songplays', '"time"', 'load_objects', 'load_batches', 'rejected_rows'];

/** A play of song 1 by a user, and their level then. */
export function play(userId: number, second: number): string {
  const of = { userId: String(userId), level: 'paid', song: 'Title 1', artist: 'Artist 1', length: 200.5 };
  const at = { ts: 1541000000000 + second * 1000, sessionId: userId, itemInSession: second };
  return JSON.stringify({ ...of, ...at, page: 'NextSong', firstName: 'Ann', lastName: 'Lee', gender: 'F' });
}

/**
 * A warehouse whose rows were loaded, which can be set back to this release's schema with those rows, upgraded to a later
 * release's, and struck at any call or statement.
 */
export class UpgradeWorld {
  readonly stack: TestStack;
  readonly strike: Strike;
  #loaded = new Map<string, Row[]>();
  /** The files whose rows the star must have. */
  readonly #files = new Map<string, string>();

  private constructor(stack: TestStack, strike: Strike) {
    this.stack = stack;
    this.strike = strike;
  }

  /** Starts it with the tables of this release, and nothing in them. */
  static async start(options: Partial<StackOptions>): Promise<UpgradeWorld> {
    const strike = new Strike();
    const faults = (_service: string, operation: string): Fault | undefined => strike.meet(operation);
    return new UpgradeWorld(await startTestStack({ ...options, faults }), strike);
  }

  get warehouse(): Warehouse {
    return this.stack.connection.warehouse;
  }

  /** The schema that the stack is configured for. */
  get schema(): string {
    return this.stack.connection.config.names.schema;
  }

  query(sql: string): Promise<Row[]> {
    return this.warehouse.query('test', sql, {}, Date.now() + 60_000);
  }

  /** Runs statements as one transaction, which must commit. */
  async commit(...texts: string[]): Promise<void> {
    const statements = texts.map((text) => ({ stage: 'lock' as const, name: text, text }));
    const done = await this.warehouse.transaction('test', statements, {}, randomUUID(), Date.now() + 60_000);
    expect(done).toMatchObject({ kind: 'committed' });
  }

  /** What one run of this release needs, or of a later one. */
  run(release: 'this' | 'later'): SchemaDeps {
    const deps = schemaDeps(this.stack.connection);
    const { templates } = deps;
    const schema = { ...templates.schema, ...(release === 'later' ? LATER : {}) };
    return { ...deps, templates: { ...templates, schema } };
  }

  /** Lands files in the bucket, and waits until the loader has done what it can. */
  async land(files: Readonly<Record<string, string>>): Promise<void> {
    // Whatever made its tables anew took the loader's rights with the old ones.
    await grantLocalUsers(this.stack.connection);
    for (const [key, body] of Object.entries(files)) await this.stack.put(key, body);
    await this.stack.idle();
    for (const [key, body] of Object.entries(files)) this.#files.set(key, body);
  }

  /** Sends the whole bucket again, and throws unless the star is then what its files say. */
  async expectAllLoadedAgain(): Promise<void> {
    expect((await this.stack.run(['backfill', `s3://${LOCAL_NAMES.landingBucket}/`, '--all'])).code).toBe(0);
    await this.stack.idle();
    const contents = [...this.#files].map(([key, body]) => ({ key, body }));
    assertSameStar(await readStar(this.warehouse, this.schema), linesOfOracle(oracle(contents)));
  }

  /** Loads songs, plays, a row that is rejected and a file that is quarantined, and keeps what that made. */
  async fill(): Promise<void> {
    await this.land({
      'song_data/1.json': song(1),
      'song_data/2.json': song(2, { year: null, artist_name: null }),
      'log_data/1.json': `${play(7, 1)}\n${play(8, 2)}\n${JSON.stringify({ page: 'NextSong', userId: '9' })}\n`,
    });
    await this.stack.put('log_data/bad.json', 'oops');
    await this.stack.idle();
    await this.#keep();
    const rows = Object.fromEntries([...this.#loaded].map(([table, { length }]) => [table, length]));
    expect(rows).toMatchObject({ songs: 2, artists: 2, users: 2, songplays: 2, load_objects: 4, rejected_rows: 1 });
  }

  /** Puts rows into the tables that are altered, where no loader runs. */
  async fillByHand(): Promise<void> {
    await this.commit(
      `INSERT INTO ${this.schema}.songs (song_id, title, year) VALUES ('SO1', 'One', 2000), ('SO2', 'Two', NULL)`,
      `INSERT INTO ${this.schema}.artists (artist_id, name, source_song_id) VALUES ('AR1', 'Ann', 'SO1'), ('AR2', NULL, 'SO2')`,
      `INSERT INTO ${this.schema}.users (user_id, last_event_at, last_session_id, last_item_in_session) VALUES ('7', '2018-11-01', 1, 1)`,
    );
    await this.#keep();
  }

  async #keep(): Promise<void> {
    await this.query('CREATE SCHEMA loaded');
    for (const table of ALTERED)
      await this.query(`CREATE TABLE loaded.${table} AS SELECT * FROM ${this.schema}.${table}`);
    for (const table of [...ALTERED, ...UNTOUCHED]) this.#loaded.set(table, await this.rowsOf(table));
  }

  /** Sets the schema back to this release's, with the rows that were loaded into it. */
  async setBack(): Promise<void> {
    const { templates } = this.run('this');
    const made = definitionsByRelation(templates.schema, this.schema);
    await this.commit(
      `DROP VIEW IF EXISTS ${this.schema}.songs_of_genre`,
      `DELETE FROM ${this.schema}.schema_version WHERE version > 3`,
      ...ALTERED.flatMap((table) => [
        `DROP TABLE ${this.schema}.${table}`,
        ...(made.get(table) ?? []).map(({ text }) => text),
        `INSERT INTO ${this.schema}.${table} SELECT * FROM loaded.${table}`,
      ]),
    );
  }

  rowsOf(table: string): Promise<Row[]> {
    return this.query(`SELECT * FROM ${this.schema}.${table} ORDER BY 1, 2, 3`);
  }

  async versions(): Promise<unknown[]> {
    const rows = await this.query(`SELECT version FROM ${this.schema}.schema_version ORDER BY version`);
    return rows.map(({ version }) => version);
  }

  /** Throws unless every migration has run once, on the rows that were there. */
  async expectUpgraded(): Promise<void> {
    const loaded = (table: string): Row[] => this.#loaded.get(table) ?? [];
    const [versions, songs, artists, users, ofGenre] = await Promise.all([
      this.versions(),
      ...ALTERED.map((table) => this.rowsOf(table)),
      this.query(`SELECT genre, songs FROM ${this.schema}.songs_of_genre`),
    ]);
    expect(versions).toEqual([1, 2, 3, 101, 102, 103, 104]);
    const aYearLater = (row: Row): Row['year'] => (row.year === null ? null : Number(row.year) + 1);
    expect(songs).toEqual(loaded('songs').map((row) => ({ ...row, year: aYearLater(row), genre: null })));
    expect(artists).toEqual(loaded('artists'));
    expect(users).toEqual(loaded('users').map((row) => ({ ...row, plan: 'free' })));
    expect(ofGenre).toEqual([{ genre: null, songs: 2 }]);
  }

  /** Throws unless fact and ledger are what they were when all was loaded. */
  async expectTheRestUntouched(): Promise<void> {
    for (const table of UNTOUCHED) expect([table, await this.rowsOf(table)]).toEqual([table, this.#loaded.get(table)]);
  }
}

/** The one call or statement that goes wrong, counted from when it was armed. */
class Strike {
  #armed: { operation: string; nth: number; fault: Fault } | undefined;
  met = 0;
  /** Called when the armed fault strikes. */
  onStrike: () => void = () => undefined;

  arm(operation: string, nth: number, fault: Fault): void {
    this.#armed = { operation, nth, fault };
    this.met = 0;
  }

  disarm(): void {
    this.#armed = undefined;
    this.onStrike = () => undefined;
  }

  meet(operation: string): Fault | undefined {
    if (operation !== this.#armed?.operation) return undefined;
    this.met += 1;
    if (this.met !== this.#armed.nth) return undefined;
    this.onStrike();
    return this.#armed.fault;
  }
}

/** A warehouse whose caller dies at one transaction: before it is sent, or when it is done but nobody has heard of it. */
export function dyingAt(name: string, when: 'before' | 'after', warehouse: Warehouse): Warehouse {
  return {
    query: (...args) => warehouse.query(...args),
    inSession: (...args) => warehouse.inSession(...args),
    systemIds: (...args) => warehouse.systemIds(...args),
    transaction: async (called, ...args) => {
      if (!called.endsWith(name)) return await warehouse.transaction(called, ...args);
      if (when === 'after') await warehouse.transaction(called, ...args);
      throw new Error('killed');
    },
  };
}

/** A warehouse whose caller is gone once `isDead` says so: what it had sent runs on, and nothing follows. */
export function mortal(isDead: () => boolean, warehouse: Warehouse): Warehouse {
  const unlessDead = async <T>(call: Promise<T>): Promise<T> => {
    await Promise.allSettled([call]);
    return isDead() ? await new Promise<never>(() => undefined) : await call;
  };
  return {
    query: (...args) => unlessDead(warehouse.query(...args)),
    inSession: (...args) => unlessDead(warehouse.inSession(...args)),
    systemIds: (...args) => unlessDead(warehouse.systemIds(...args)),
    transaction: (...args) => unlessDead(warehouse.transaction(...args)),
  };
}
