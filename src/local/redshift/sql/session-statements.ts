import { mustOwn } from './access.ts';
import type { Context } from './dialect-context.ts';
import { refused, unsupported } from './refusals.ts';
import { engineName, lockName } from './scope.ts';
import { SqlError } from '../types.ts';
import type { Plan } from '../types.ts';

/** BEGIN, COMMIT and ROLLBACK in all their spellings. */
export function transaction(verb: 'begin' | 'commit' | 'rollback'): (context: Context) => Plan {
  return ({ cursor }) => {
    if (!cursor.take('TRANSACTION')) cursor.take('WORK');
    if (verb === 'rollback' && cursor.keyword() === 'TO')
      throw refused(cursor.unexpected().message, 'Redshift has no savepoints');
    // Redshift accepts and ignores an isolation level here.
    if (verb === 'begin') while (!cursor.atEnd) cursor.label();
    return { kind: 'transaction', verb };
  };
}

/** Accepted without effect here: statistics, storage, session settings. */
export function withoutEffect({ cursor }: Pick<Context, 'cursor'>): Plan {
  while (!cursor.atEnd) cursor.next();
  return { kind: 'nothing' };
}

/** Parses LOCK after its verb. https://docs.aws.amazon.com/redshift/latest/dg/r_LOCK.html */
export function lock({ cursor, scope, locks }: Context): Plan {
  cursor.take('TABLE');
  do {
    const name = cursor.tableName();
    const table = scope.find(name);
    if (table.kind !== 'table') throw new SqlError(`"${name.name}" is not a table`, '42809');
    if (!table.temporary) locks.add(lockName(table));
    // No page says which right LOCK takes. PostgreSQL 8 asks for one of the two; both are stricter.
    scope.access.need(table, 'UPDATE', 'DELETE');
  } while (cursor.takeOperator(','));
  if (cursor.keyword() === 'IN') throw refused(cursor.unexpected().message, 'Redshift has one lock mode');
  return { kind: 'lock' };
}

/** Parses TRUNCATE after its verb. */
export function truncate({ cursor, scope, options }: Context): Plan {
  cursor.take('TABLE');
  if (options.inTransaction) {
    throw refused(
      'TRUNCATE cannot run inside a transaction block here',
      'it would commit the transaction; use DELETE',
      '25001',
    );
  }
  const table = scope.write(cursor.tableName());
  mustOwn(scope.catalog, table);
  return { kind: 'truncate', statement: `TRUNCATE ${engineName(table)}` };
}

/** Parses VACUUM after its verb. */
export function vacuum(context: Context): Plan {
  if (context.options.inTransaction) throw new SqlError('VACUUM cannot run inside a transaction block', '25001');
  return withoutEffect(context);
}

/** Session settings that may be set, and the values that change nothing here; undefined means any. */
const SETTINGS: Record<string, RegExp | undefined> = {
  search_path: /^(("?\$user"?,)?public|[a-z_][a-z0-9_]*)$/,
  timezone: /^utc$/,
  enable_case_sensitive_identifier: /^(off|false)$/,
  error_on_nondeterministic_update: /^(off|false)$/,
  statement_timeout: undefined,
  query_group: undefined,
  datestyle: undefined,
  application_name: undefined,
  client_encoding: undefined,
  wlm_query_slot_count: undefined,
};

/** Parses SET after its verb. A setting that would change results is refused, because it would not here. */
export function set({ cursor, catalog }: Context): Plan {
  cursor.take('SESSION');
  if (cursor.keyword() === 'LOCAL') throw unsupported('SET LOCAL');
  const name = cursor.label();
  if (!Object.hasOwn(SETTINGS, name)) throw unsupported(`the setting ${name}`);
  if (!cursor.take('TO')) cursor.expectOperator('=');
  const tokens = cursor.tokens.slice(cursor.position);
  const value = tokens.map(({ text }) => text.toLowerCase().replace(/^'|'$/g, '')).join('');
  if (SETTINGS[name]?.test(value) === false) throw unsupported(`SET ${name} TO ${value}`);
  if (name === 'search_path') return searchPath({ cursor, catalog }, value);
  return withoutEffect({ cursor });
}

/** One schema, or what a session begins with; schemas behind others would not be searched here. */
function searchPath({ cursor, catalog }: Pick<Context, 'cursor' | 'catalog'>, value: string): Plan {
  withoutEffect({ cursor });
  const schema = value.replace(/^"?\$user"?,/, '');
  if (!catalog.hasSchema(schema)) throw new SqlError(`schema "${schema}" does not exist`, '3F000');
  return { kind: 'search path', schema };
}
