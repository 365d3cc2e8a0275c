import { DuckDBInstance } from '@duckdb/node-api';
import type { DuckDBConnection, Json } from '@duckdb/node-api';
import { SessionCatalog } from '../../../src/local/redshift/engine/catalog.ts';
import { PermanentTables } from '../../../src/local/redshift/engine/permanent-tables.ts';
import { prepareEngine } from '../../../src/local/redshift/engine/prepare-engine.ts';
import { closeEngine } from '../../../src/local/redshift/engine/closed-engine.ts';
import { parseCopy } from '../../../src/local/redshift/copy/statement.ts';
import { translate } from '../../../src/local/redshift/sql/dialect.ts';
import { engineError } from '../../../src/local/redshift/engine/engine-error.ts';
import { splitStatements } from '../../../src/local/redshift/sql/tokens.ts';
import type { Translation } from '../../../src/local/redshift/types.ts';
import { mergeStatement } from '../../../src/local/redshift/engine/merge-statement.ts';

/** The clock every test statement sees. */
export const statementStart = new Date('2018-11-30T12:34:56.789Z');

/** A real engine behind the dialect, without server and locks: one session, each statement its own transaction. */
export class SmallWarehouse {
  readonly connection: DuckDBConnection;
  readonly catalog: SessionCatalog;

  constructor(connection: DuckDBConnection, catalog: SessionCatalog) {
    this.connection = connection;
    this.catalog = catalog;
  }

  /** `directory` is the one the engine may use, as it uses COPY's. */
  static async open(script = '', directory?: string): Promise<SmallWarehouse> {
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    await prepareEngine(connection);
    await closeEngine(connection, directory);
    const warehouse = new SmallWarehouse(connection, new SessionCatalog(await PermanentTables.load(connection)));
    for (const sql of splitStatements(script)) await warehouse.run(sql);
    return warehouse;
  }

  translate(sql: string, inTransaction = false): Translation {
    return translate(sql, this.catalog, { inTransaction, copy: parseCopy, now: () => statementStart });
  }

  /** Runs one statement and gives its rows. Throws SqlError in Redshift's words. */
  async run(sql: string): Promise<Record<string, Json>[]> {
    const { plan } = this.translate(sql);
    await this.connection.run('BEGIN');
    try {
      const rows = await this.#perform(plan);
      await this.connection.run('COMMIT');
      this.catalog.commit();
      return rows;
    } catch (error) {
      await this.connection.run('ROLLBACK');
      this.catalog.rollback();
      throw engineError(error);
    }
  }

  async #perform(plan: Translation['plan']): Promise<Record<string, Json>[]> {
    switch (plan.kind) {
      case 'query':
        return (await this.connection.runAndReadAll(plan.sql)).getRowObjectsJson();
      case 'write':
        for (const statement of plan.statements) await this.connection.run(statement);
        return [];
      case 'merge':
        await this.connection.run(await mergeStatement(this.connection, plan));
        return [];
      case 'define':
        for (const statement of plan.statements) await this.connection.run(statement);
        await this.catalog.apply(plan.changes, this.connection);
        return [];
      case 'truncate':
        await this.connection.run(plan.statement);
        return [];
      case 'rights':
        await this.catalog.applyRights(plan.changes, this.connection);
        return [];
      case 'lock':
      case 'nothing':
        return [];
      case 'search path':
        this.catalog.setSearchPath(plan.schema);
        return [];
      case 'copy':
      case 'transaction':
        throw new Error(`${plan.kind} needs the whole warehouse`);
    }
  }

  close(): void {
    this.connection.closeSync();
  }
}
