import { lookUp, mustAssume } from './access.ts';
import { refuseDeep, refuseExpansion } from './complexity.ts';
import { Cursor } from './cursor.ts';
import { alterTable } from './ddl-alter.ts';
import { createTable, createView, dropTables } from './ddl.ts';
import { alterSchema, createSchema, dropSchema } from './ddl-schema.ts';
import type { Context, TranslateOptions } from './dialect-context.ts';
import { insert, remove, update } from './dml.ts';
import { MACRO_USES } from './engine-macros.ts';
import { merge } from './merge.ts';
import { query, queryBody, startsQuery, withClause } from './query.ts';
import { refused, unsupported } from './refusals.ts';
import { alterUser, createUser, dropUser, grant, revoke } from './rights-statements.ts';
import { Scope } from './scope.ts';
import { lock, set, transaction, truncate, vacuum, withoutEffect } from './session-statements.ts';
import { SqlError } from '../types.ts';
import type { Catalog, Plan, Translation } from '../types.ts';

/**
 * Translates one Redshift statement for the engine, or throws SqlError where Redshift would fail, and where the local
 * warehouse does not know what Redshift would do.
 */
export function translate(sql: string, catalog: Catalog, options: TranslateOptions): Translation {
  const cursor = new Cursor(sql);
  const last = cursor.tokens.at(-1);
  if (last?.kind === 'operator' && last.text === ';') cursor.tokens.pop();
  refuseDeep(cursor.tokens);
  const scope = new Scope(catalog, options.now?.() ?? new Date());
  const context: Context = { cursor, scope, catalog, options, locks: new Set() };
  const verb = verbOf(cursor);
  const plan = statement(context);
  cursor.expectEnd();
  scope.checkNodes(plan.kind === 'query');
  scope.access.check(catalog);
  for (const sql of engineStatements(plan)) refuseExpansion(sql, MACRO_USES);
  const { toMaterialize } = scope;
  return { verb, plan, reads: [...scope.reads], writes: [...scope.writes], toMaterialize, locks: [...context.locks] };
}

function engineStatements(plan: Plan): string[] {
  if (plan.kind === 'query') return [plan.sql];
  if (plan.kind === 'merge') return [plan.merge, plan.matches, plan.insert];
  return plan.kind === 'write' || plan.kind === 'define' ? plan.statements : [];
}

/** The leading keywords a client knows the statement by; for a leading WITH, the verb behind it. */
function verbOf(cursor: Cursor): string {
  const first = cursor.keyword();
  if (cursor.isOperator('(')) return 'SELECT';
  if (first === 'WITH') {
    const verbs = cursor.tokens.filter(({ kind }) => kind === 'word').map(({ text }) => text.toUpperCase());
    return verbs.find((word) => ['UPDATE', 'DELETE'].includes(word)) ?? 'SELECT';
  }
  if (!['CREATE', 'DROP', 'ALTER', 'COMMENT'].includes(first)) return first;
  const words = [1, 2, 3].map((offset) => cursor.keyword(offset));
  const noun = words.find((word) => !['TEMP', 'TEMPORARY', 'LOCAL', 'OR', 'REPLACE'].includes(word)) ?? '';
  return `${first} ${noun}`.trim();
}

function statement(context: Context): Plan {
  const { cursor } = context;
  if (startsQuery(cursor)) return queryStatement(context);
  const start = cursor.peek();
  if (start?.kind !== 'word') throw cursor.unexpected();
  const verb = cursor.keyword();
  const handler = STATEMENTS[verb];
  if (!handler) {
    if (POSTGRESQL_STATEMENTS.has(verb)) throw refused(cursor.unexpected().message, `Redshift has no ${verb}`);
    throw unsupported(`the statement ${verb}`);
  }
  cursor.next();
  return handler(context);
}

const POSTGRESQL_STATEMENTS = new Set([
  'SAVEPOINT',
  'RELEASE',
  'VALUES',
  'DO',
  'LISTEN',
  'NOTIFY',
  'REINDEX',
  'CLUSTER',
  'FROM',
  'PIVOT',
  'REPLACE',
]);

function queryStatement({ cursor, scope }: Context): Plan {
  if (cursor.keyword() !== 'WITH') return { kind: 'query', sql: query(cursor, scope) };
  return scope.withCtes((declare): Plan => {
    const prefix = withClause(cursor, scope, declare);
    if (cursor.take('UPDATE')) return write(`${prefix} ${update(cursor, scope)}`);
    if (cursor.take('DELETE')) return write(`${prefix} ${remove(cursor, scope)}`);
    if (cursor.keyword() === 'INSERT') throw refused(cursor.unexpected().message, 'WITH goes behind INSERT INTO');
    if (cursor.keyword() === 'MERGE') throw refused(cursor.unexpected().message, 'MERGE allows no WITH');
    return { kind: 'query', sql: `${prefix} ${queryBody(cursor, scope).text}` };
  });
}

function write(text: string): Plan {
  return { kind: 'write', statements: [text] };
}

function create(context: Context): Plan {
  const { cursor, scope, catalog } = context;
  const replace = cursor.take('OR', 'REPLACE');
  cursor.take('LOCAL');
  const temporary = cursor.takeOneOf(new Set(['TEMP', 'TEMPORARY'])) !== undefined;
  if (cursor.take('TABLE')) {
    if (replace) throw refused(cursor.unexpected().message, 'Redshift has no CREATE OR REPLACE TABLE');
    return createTable(cursor, scope, temporary);
  }
  if (cursor.take('VIEW')) return createView(cursor, catalog, scope, replace);
  if (cursor.take('SCHEMA')) return createSchema(cursor, catalog);
  const what = cursor.keyword();
  if (cursor.take('USER')) return createUser(context);
  if (
    ['INDEX', 'SEQUENCE', 'TRIGGER', 'RULE', 'DOMAIN', 'TYPE', 'EXTENSION', 'UNIQUE', 'UNLOGGED', 'MACRO'].includes(
      what,
    )
  ) {
    throw refused(cursor.unexpected().message, `Redshift has no CREATE ${what}`);
  }
  throw unsupported(`CREATE ${what}`);
}

function drop(context: Context): Plan {
  const { cursor, scope } = context;
  if (cursor.take('TABLE')) return dropTables(cursor, scope, 'table');
  if (cursor.take('VIEW')) return dropTables(cursor, scope, 'view');
  if (cursor.take('USER')) return dropUser(context);
  if (cursor.take('SCHEMA')) return dropSchema(cursor, scope.catalog);
  throw unsupported(`DROP ${cursor.keyword()}`);
}

function copy({ cursor, scope, options }: Context): Plan {
  const statement = options.copy(cursor.tokens);
  cursor.position = cursor.tokens.length;
  if (!lookUp(scope.catalog, statement.table)) {
    throw new SqlError(`Cannot COPY into nonexistent table ${statement.table.name}`);
  }
  scope.write(statement.table, 'INSERT');
  mustAssume(scope.catalog, statement.iamRole);
  return { kind: 'copy', copy: statement };
}

const STATEMENTS: Partial<Record<string, (context: Context) => Plan>> = {
  INSERT: ({ cursor, scope }) => write(insert(cursor, scope)),
  UPDATE: ({ cursor, scope }) => write(update(cursor, scope)),
  DELETE: ({ cursor, scope }) => write(remove(cursor, scope)),
  MERGE: ({ cursor, scope }) => merge(cursor, scope),
  COPY: copy,
  CREATE: create,
  DROP: drop,
  ALTER: (context) => alter(context),
  TRUNCATE: truncate,
  LOCK: lock,
  BEGIN: transaction('begin'),
  START: transaction('begin'),
  COMMIT: transaction('commit'),
  END: transaction('commit'),
  ROLLBACK: transaction('rollback'),
  ABORT: transaction('rollback'),
  ANALYZE: withoutEffect,
  VACUUM: vacuum,
  GRANT: grant,
  REVOKE: revoke,
  COMMENT: withoutEffect,
  SET: set,
};

function alter(context: Context): Plan {
  const { cursor, scope, options } = context;
  if (cursor.take('TABLE')) return alterTable(cursor, scope, options.inTransaction);
  if (cursor.take('SCHEMA')) return alterSchema(cursor, scope);
  if (cursor.take('USER')) return alterUser(context);
  throw unsupported(`ALTER ${cursor.keyword()}`);
}
