import type { Templates } from '../sql/statement.ts';
import { render, splitFile } from '../sql/template.ts';
import type { Tables } from './drift.ts';
import { DESCRIPTIONS, RELATIONSHIPS } from './star-descriptions.ts';

/** A test of a column, by dbt's names: https://docs.getdbt.com/reference/resource-properties/data-tests */
type DataTest =
  'not_null' | 'unique' | { relationships: { arguments: { to: string; field: string }; config?: { where: string } } };

type Column = { name: string; description?: string; data_type: string; data_tests?: DataTest[] };
type Period = { count: number; period: 'hour' };

/** A dbt `sources.yml`, as data. https://docs.getdbt.com/reference/source-properties */
export type DbtSources = {
  version: 2;
  sources: {
    name: string;
    schema: string;
    description: string;
    config: { freshness: { warn_after: Period; error_after: Period }; loaded_at_query: string };
    tables: { name: string; description?: string; columns: Column[] }[];
  }[];
};

/** Without a new batch for a day something may be wrong, for two it is: what the alarm on quiet hours takes for granted too. */
const QUIET_HOURS = { warn: 24, error: 48 };

/**
 * Describes the star to dbt: its columns as the migrations leave them, tests of what the load keeps true, and freshness by the
 * ledger. dbt 1.10.8 or newer, for loaded_at_query and the arguments of tests.
 */
export function dbtSources(
  schema: string,
  star: readonly string[],
  { tables }: Pick<Tables, 'tables'>,
  templates: Readonly<Record<'schema' | 'report', Templates>>,
): DbtSources {
  const keys = primaryKeys(templates.schema);
  const loadedAt = render(templates.report['dbt-loaded-at'] ?? '', { identifiers: { schema } });
  return {
    version: 2,
    sources: [
      {
        name: schema,
        schema,
        description:
          'The star that sparkify loads from S3: each object once, newest wins, facts and dimensions in one commit.',
        config: {
          freshness: {
            warn_after: { count: QUIET_HOURS.warn, period: 'hour' },
            error_after: { count: QUIET_HOURS.error, period: 'hour' },
          },
          loaded_at_query: loadedAt.text,
        },
        tables: star.map((table) => ({
          name: table,
          ...described(DESCRIPTIONS[table]?.table),
          columns: Object.entries(tables[table] ?? {}).map(([name, type]) =>
            columnOf({ table, name, type, isKey: keys.get(table)?.join() === name, schema }),
          ),
        })),
      },
    ],
  };
}

type Described = { table: string; name: string; type: string; isKey: boolean; schema: string };

function columnOf({ table, name, type, isKey, schema }: Described): Column {
  const isRequired = type.endsWith(' NOT NULL');
  const related = RELATIONSHIPS.filter((one) => one.table === table && one.column === name);
  const tests: DataTest[] = [
    ...(isRequired ? (['not_null'] as const) : []),
    ...(isKey ? (['unique'] as const) : []),
    ...related.map(({ to, field, where }) => ({
      relationships: {
        arguments: { to: `source('${schema}', '${to}')`, field },
        ...(where !== undefined && { config: { where } }),
      },
    })),
  ];
  return {
    name,
    ...described(DESCRIPTIONS[table]?.columns[name]),
    data_type: type.replace(/ NOT NULL$/, ''),
    ...(tests.length > 0 && { data_tests: tests }),
  };
}

function described(description: string | undefined): { description?: string } {
  return description === undefined ? {} : { description };
}

/** The primary key that the migrations give each table; the load keeps it true, since the warehouse does not. */
function primaryKeys(migrations: Templates): Map<string, string[]> {
  const keys = new Map<string, string[]>();
  for (const statement of Object.values(migrations).flatMap(splitFile)) {
    const [, table] = /^CREATE TABLE IF NOT EXISTS :"schema"\."?(\w+)/.exec(statement) ?? [];
    const [, columns] = /PRIMARY KEY \(([^)]*)\)/.exec(statement) ?? [];
    if (table !== undefined && columns !== undefined) keys.set(table, columns.split(/\s*,\s*/));
  }
  return keys;
}

/** A value as YAML in blocks; strings are quoted as in JSON, which YAML reads the same way. */
export function yamlOf(value: unknown, indent = ''): string {
  if (Array.isArray(value)) {
    return value.map((item) => `${indent}- ${yamlOf(item, `${indent}  `).trimStart()}`).join('\n');
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return Object.entries(value)
    .map(([name, part]) => {
      const isBlock = typeof part === 'object' && part !== null;
      return `${indent}${name}:${isBlock ? `\n${yamlOf(part, `${indent}  `)}` : ` ${yamlOf(part)}`}`;
    })
    .join('\n');
}
