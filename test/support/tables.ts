/** The tables of a test's stack, made once, and emptied for the next test. */
import { schemaDeps } from '../../src/commands/create-tables.ts';
import { makeLocalTables } from '../../src/commands/local-tables.ts';
import type { Stack } from '../../src/local/stack.ts';
import type { Row } from '../../src/ports.ts';
import { numberingStatements } from '../../src/schema/migrations.ts';
import { relationsOf } from '../../src/schema/relations.ts';
import { dropSchema } from '../../src/schema/upgrade.ts';

const VERSIONS = 'schema_version';
const PATIENCE_MS = 60_000;

/** Tables as they are when they were just made. */
export class Tables {
  readonly #stack: Stack;
  /** What stood when they were made. */
  #made: { catalog: number; versions: Row[] } | undefined;

  constructor(stack: Stack) {
    this.#stack = stack;
  }

  /** Makes them, and grants the stack's users their rights. */
  async make(): Promise<void> {
    await makeLocalTables(this.#stack.connection);
    this.#made = { catalog: this.#stack.warehouse.catalogVersion(), versions: await this.#versions() };
  }

  /** Leaves them as just made. Where nobody changed a table, its versions or a right, deleting the rows is enough, and far quicker. */
  async empty(): Promise<void> {
    if (await this.#isAsMade()) return this.#deleteRows();
    await dropSchema(schemaDeps(this.#stack.connection));
    return this.make();
  }

  async #isAsMade(): Promise<boolean> {
    if (this.#stack.warehouse.catalogVersion() !== this.#made?.catalog) return false;
    return JSON.stringify(await this.#versions()) === JSON.stringify(this.#made.versions);
  }

  #versions(): Promise<Row[]> {
    const { warehouse, config } = this.#stack.connection;
    const text = `SELECT * FROM ${config.names.schema}.${VERSIONS} ORDER BY version`;
    return warehouse.query('versions', text, {}, Date.now() + PATIENCE_MS);
  }

  async #deleteRows(): Promise<void> {
    const { connection } = this.#stack;
    const deps = schemaDeps(connection);
    const tables = relationsOf(connection.templates.schema)
      .filter(({ name, kind }) => kind === 'table' && name !== VERSIONS)
      .map(({ name }) => `${deps.schema}."${name}"`);
    // As a DROP would, it waits for whatever still changes one of them.
    const texts = [`LOCK ${tables.join(', ')}`, ...tables.map((table) => `DELETE FROM ${table}`)];
    const statements = texts.map((text) => ({ stage: 'lock', name: 'empty', text }) as const);
    const numbering = numberingStatements(deps.templates, deps.schema);
    const all = [...statements, ...numbering];
    const done = await connection.warehouse.transaction('empty', all, {}, deps.runId, deps.deadlineMs);
    if (done.kind !== 'committed') throw done.error;
  }
}
