/** What the product believes of Redshift, an entry each, and how what a warehouse did is compared with it. */
import type { ExecuteStatementCommandInput } from '@aws-sdk/client-redshift-data';
import type { Row } from '../../src/ports.ts';
import { sourceOfText } from './texts.ts';

/** What beliefs are about, in the order of docs/CONFORMANCE.md. */
export const AREAS = [
  'data api',
  'definitions',
  'queries',
  'expressions',
  'windows and subqueries',
  'changes',
  'merge',
  'copy statement',
  'copy sources',
  'copy values',
  'copy bad files',
  'sessions',
  'load',
] as const;
export type Area = (typeof AREAS)[number];

/** The contents of an object in the scratch prefix; a manifest names others of the same belief by their names. */
export type Body = string | Uint8Array | { manifest: readonly (string | { name: string; mandatory: boolean })[] };

/** A row of `sys_load_error_detail`. */
export type LoadError = { file: string; line: number; column: string; code: number };

/** What is expected, or what was got. */
export type Outcome =
  /** The rows of the last statement. */
  | { kind: 'rows'; rows: readonly Row[] }
  /** It ran; nothing it did was kept. */
  | { kind: 'accepted' }
  /** It failed; of an expected text a part is given. */
  | { kind: 'refused'; text: string }
  /** COPY kept these rows, or failed with this text, and listed these bad rows. */
  | { kind: 'loaded'; rows: readonly Row[]; errors: readonly LoadError[] }
  | { kind: 'load refused'; text: string; errors: readonly LoadError[] };

/**
 * One belief. In statements `{schema}`, `{role}` and `{url:name}` stand for the scratch schema, the role of COPY and the URL of a
 * file. `before` runs in the same transaction; of `after` the rows are expected.
 */
export type Belief = {
  area: Area;
  name: string;
  /** Where it is documented, or who has reported it. Undefined: nobody, so that it is ours. */
  source: string | undefined;
  before?: readonly string[];
  statement: string;
  after?: string;
  files?: Readonly<Record<string, Body>>;
  /** More fields of the call, for what the Data API itself refuses. Undefined in a field leaves it out. */
  call?: Partial<ExecuteStatementCommandInput>;
  expected: Outcome;
  /** Why the local warehouse does otherwise, which docs/ARCHITECTURE.md says as well. */
  localDiffers?: string;
};

/** A difference between a belief and a warehouse. */
export type Difference = { area: Area; name: string; expected: string; got: string };

/** The identity of a belief, and of a probe. */
export const idOf = ({ area, name }: { area: Area; name: string }): string => `${area}: ${name}`;

/**
 * Compares what was got with what was believed. From the local warehouse, texts that only it is known to give are expected too;
 * against Redshift it must do that such a statement is refused. Where the local warehouse is known to differ, it must.
 */
export function difference(belief: Belief, got: Outcome, isLocal: boolean): Difference | undefined {
  const { area, name, expected, localDiffers } = belief;
  const isAsBelieved = agrees(expected, got, isLocal);
  if (isLocal && localDiffers !== undefined)
    return isAsBelieved
      ? { area, name, expected: `other than on Redshift: ${localDiffers}`, got: shown(got) }
      : undefined;
  if (isAsBelieved) return undefined;
  return { area, name, expected: shown(expected), got: shown(got) };
}

function agrees(expected: Outcome, got: Outcome, textsOfOthers: boolean): boolean {
  if (expected.kind !== got.kind) return false;
  if ('text' in expected && 'text' in got && !got.text.includes(expected.text)) {
    if (textsOfOthers || sourceOfText(expected.text) !== undefined) return false;
  }
  if ('rows' in expected && 'rows' in got && canonical(expected.rows) !== canonical(got.rows)) return false;
  return !('errors' in expected && 'errors' in got) || listed(expected.errors) === listed(got.errors);
}

/**
 * Rows as they are compared. A number may come as text, as the Data API gives decimals, and a time with or without the zeros
 * behind its seconds: how values are spelled has beliefs of its own.
 */
function canonical(rows: readonly Row[]): string {
  const plain = (value: Row[string] | undefined): unknown =>
    typeof value === 'number'
      ? String(value)
      : typeof value === 'string'
        ? value.replace(/^(.*\d{2}:\d{2}:\d{2})(?:\.0+|(\.\d*?[1-9])0+)(?=$|[+-])/, '$1$2')
        : value;
  return JSON.stringify(
    rows.map((row) =>
      Object.entries(row)
        .sort(([one], [other]) => (one < other ? -1 : 1))
        .map(([name, value]) => [name, plain(value)]),
    ),
  );
}

function listed(errors: readonly LoadError[]): string {
  return JSON.stringify(
    errors.map(({ file, line, column, code }) => JSON.stringify([file, line, column, code])).sort(),
  );
}

/** An outcome on one line. */
export function shown(outcome: Outcome): string {
  const errors = (list: readonly LoadError[]): string =>
    list.length === 0
      ? ''
      : `, bad: ${list.map(({ file, line, column, code }) => `${file}:${line} ${column || '-'} ${code}`).join('; ')}`;
  switch (outcome.kind) {
    case 'rows':
      return rowsShown(outcome.rows);
    case 'accepted':
      return 'accepted';
    case 'refused':
      return `refused: ${outcome.text}`;
    case 'loaded':
      return `loaded ${rowsShown(outcome.rows)}${errors(outcome.errors)}`;
    case 'load refused':
      return `refused: ${outcome.text}${errors(outcome.errors)}`;
  }
}

function rowsShown(rows: readonly Row[]): string {
  return rows.length === 0 ? 'no rows' : rows.map((row) => JSON.stringify(Object.values(row))).join(' ');
}
