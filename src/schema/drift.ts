import type { Row } from '../ports.ts';

/**
 * The product's tables and views as all migrations leave them: for each table its columns and what they are, such as
 * `character varying(64) NOT NULL`, in their order; for each view the names of its columns. What the columns of a view are
 * follows from its tables.
 */
export type Tables = {
  tables: Readonly<Record<string, Readonly<Record<string, string>>>>;
  views: Readonly<Record<string, readonly string[]>>;
};

/** A difference between the schema as it is and as this release made it. */
export type Drift =
  | { kind: 'missing relation'; relation: string }
  | { kind: 'missing column'; relation: string; column: string; expected: string }
  | { kind: 'extra column'; relation: string; column: string; found: string }
  | { kind: 'changed column'; relation: string; column: string; expected: string; found: string }
  | { kind: 'changed view'; relation: string; expected: string; found: string };

/** What sql/report/live-columns.sql gave, by table or view and column, in order. */
export type LiveColumns = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** Reads the rows of sql/report/live-columns.sql. */
export function readLiveColumns(rows: readonly Row[]): LiveColumns {
  const live = new Map<string, Map<string, string>>();
  for (const row of rows) {
    const relation = String(row.table_name);
    live.set(relation, (live.get(relation) ?? new Map<string, string>()).set(String(row.column_name), describe(row)));
  }
  return live;
}

/** A column in the words of its definition. */
function describe(row: Row): string {
  const type = String(row.data_type);
  const sized = type.startsWith('character') ? `${type}(${row.character_maximum_length})` : type;
  const whole = type === 'numeric' ? `${type}(${row.numeric_precision},${row.numeric_scale})` : sized;
  // Documented as yes and no, and given as YES and NO.
  return String(row.is_nullable).toUpperCase() === 'NO' ? `${whole} NOT NULL` : whole;
}

/** What differs, table by table. Tables and views that are not of the product are nobody's concern. */
export function findDrift(expected: Tables, live: LiveColumns): Drift[] {
  return [
    ...Object.entries(expected.tables).flatMap(([relation, columns]) => tableDrift(relation, columns, live)),
    ...Object.entries(expected.views).flatMap(([relation, columns]) => viewDrift(relation, columns, live)),
  ];
}

function tableDrift(relation: string, columns: Readonly<Record<string, string>>, live: LiveColumns): Drift[] {
  const found = live.get(relation);
  if (found === undefined) return [{ kind: 'missing relation', relation }];
  const wanting = Object.entries(columns).flatMap(([column, expected]): Drift[] => {
    const now = found.get(column);
    if (now === undefined) return [{ kind: 'missing column', relation, column, expected }];
    return now === expected ? [] : [{ kind: 'changed column', relation, column, expected, found: now }];
  });
  const extra = [...found].filter(([column]) => !Object.hasOwn(columns, column));
  return [...wanting, ...extra.map(([column, now]): Drift => ({ kind: 'extra column', relation, column, found: now }))];
}

function viewDrift(relation: string, columns: readonly string[], live: LiveColumns): Drift[] {
  const found = live.get(relation);
  if (found === undefined) return [{ kind: 'missing relation', relation }];
  const [expected, now] = [columns.join(', '), [...found.keys()].join(', ')];
  return now === expected ? [] : [{ kind: 'changed view', relation, expected, found: now }];
}
