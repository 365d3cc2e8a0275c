import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { schemaDeps } from '../../src/commands/create-tables.ts';
import type { Row, Warehouse } from '../../src/ports.ts';
import type { Fault } from '../../src/local/faults/plan.ts';
import { startStack, type Stack, type StackOptions } from '../../src/local/stack.ts';
import { dropSchema, upgradeSchema, type SchemaDeps } from '../../src/schema/upgrade.ts';

/** What a later release might bring: no shipped migration alters anything yet. */
const FOLDER = new URL('migrations/', import.meta.url);
const LATER = Object.fromEntries(
  readdirSync(FOLDER).map((file) => [file.replace('.sql', ''), readFileSync(new URL(file, FOLDER), 'utf8')]),
);
export const NAMES = Object.keys(LATER).sort();

/** A warehouse that is upgraded by this release and by a later one, and can be struck at any call or statement. */
export class UpgradeWorld {
  readonly #stack: Stack;
  readonly #home: string;
  readonly #strike: Strike;

  static async start(isolation: NonNullable<StackOptions['isolation']>): Promise<UpgradeWorld> {
    const home = await mkdtemp(join(tmpdir(), 'upgrade-'));
    const strike = new Strike();
    const faults = (_service: string, operation: string): Fault | undefined => strike.meet(operation);
    return new UpgradeWorld(
      await startStack({ home, inMemory: true, eventSource: false, isolation, faults }),
      home,
      strike,
    );
  }

  private constructor(stack: Stack, home: string, strike: Strike) {
    this.#stack = stack;
    this.#home = home;
    this.#strike = strike;
  }

  async stop(): Promise<void> {
    await this.#stack.stop();
    await rm(this.#home, { recursive: true });
  }

  get warehouse(): Warehouse {
    return this.#stack.connection.warehouse;
  }

  get strike(): Strike {
    return this.#strike;
  }

  query(sql: string): Promise<Row[]> {
    return this.warehouse.query('test', sql, {}, Date.now() + 60_000);
  }

  /** What one run of this release needs, or of a later one. */
  run(release: 'this' | 'later'): SchemaDeps {
    const deps = schemaDeps(this.#stack.connection);
    const { templates } = deps;
    const schema = { ...templates.schema, ...(release === 'later' ? LATER : {}) };
    return { ...deps, templates: { ...templates, schema } };
  }

  /** The tables of this release, with rows. */
  async fill(): Promise<void> {
    await this.query('DROP VIEW IF EXISTS sparkify.songs_of_genre');
    await dropSchema(this.run('this'));
    await upgradeSchema(this.run('this'));
    await this.query(
      `INSERT INTO sparkify.songs (song_id, title, year) VALUES ('SO1', 'One', 2000), ('SO2', 'Two', 2001)`,
    );
    await this.query(
      `INSERT INTO sparkify.artists (artist_id, name, source_song_id) VALUES ('AR1', 'Ann', 'SO1'), ('AR2', NULL, 'SO2')`,
    );
    await this.query(
      `INSERT INTO sparkify.users (user_id, last_event_at, last_session_id, last_item_in_session) VALUES ('7', GETDATE(), 1, 1)`,
    );
  }

  async versions(): Promise<unknown[]> {
    const rows = await this.query('SELECT version FROM sparkify.schema_version ORDER BY version');
    return rows.map(({ version }) => version);
  }

  /** Throws unless every migration has run once and the rows from before are there. */
  async expectUpgraded(): Promise<void> {
    expect(await this.versions()).toEqual([1, 2, 101, 102, 103, 104]);
    expect(await this.query('SELECT song_id, title, year, genre FROM sparkify.songs ORDER BY song_id')).toEqual([
      { song_id: 'SO1', title: 'One', year: 2001, genre: null },
      { song_id: 'SO2', title: 'Two', year: 2002, genre: null },
    ]);
    expect(await this.query('SELECT artist_id, name, source_song_id FROM sparkify.artists ORDER BY artist_id')).toEqual(
      [
        { artist_id: 'AR1', name: 'Ann', source_song_id: 'SO1' },
        { artist_id: 'AR2', name: null, source_song_id: 'SO2' },
      ],
    );
    expect(await this.query('SELECT user_id, plan FROM sparkify.users')).toEqual([{ user_id: '7', plan: 'free' }]);
    expect(await this.query('SELECT genre, songs FROM sparkify.songs_of_genre')).toEqual([{ genre: null, songs: 2 }]);
  }
}

/** The one call or statement that goes wrong, counted from when it was armed. */
class Strike {
  #armed: { operation: string; nth: number; fault: Fault } | undefined;
  met = 0;

  arm(operation: string, nth: number, fault: Fault): void {
    this.#armed = { operation, nth, fault };
    this.met = 0;
  }

  disarm(): void {
    this.#armed = undefined;
  }

  meet(operation: string): Fault | undefined {
    if (operation !== this.#armed?.operation) return undefined;
    this.met += 1;
    return this.met === this.#armed.nth ? this.#armed.fault : undefined;
  }
}

/** A warehouse whose caller dies at one transaction: before it is sent, or when it is done but nobody has heard of it. */
export function dyingAt(name: string, when: 'before' | 'after', warehouse: Warehouse): Warehouse {
  return {
    query: (...args) => warehouse.query(...args),
    lastQueryId: (...args) => warehouse.lastQueryId(...args),
    transaction: async (called, ...args) => {
      if (!called.endsWith(name)) return await warehouse.transaction(called, ...args);
      if (when === 'after') await warehouse.transaction(called, ...args);
      throw new Error('killed');
    },
  };
}
