import { s3Url } from '../objects/object-version.ts';
import type { FieldType, Source } from '../objects/source.ts';
import { timestampText } from '../sql/timestamp-text.ts';
import type { Row } from '../ports.ts';
import { runReport, rowLimit, type LedgerDeps } from './reports.ts';
import type { Sighting } from './sightings.ts';

/**
 * A field that changed, and that neither this release expects nor anybody accepted: `new`, `missing` in rows, of another `type`;
 * `empty`, a column that is NULL more often than before; or `more`, which stands for new fields that are not named.
 */
export type DriftedField = {
  source: string;
  kind: Exclude<Sighting['kind'], 'read'> | 'empty';
  /** As the source spells it, where it knows it. */
  field: string;
  /** As the ledger has it: columns are in lower case. */
  recordedAs: string;
  types: string[];
  example: string | null;
  /** The first file that showed it; null for a column, whose rows name no file. */
  firstFile: string | null;
  firstBatch: string;
  /** In how many of the files looked at it was found; of the rows of the batches that showed it, for a column. */
  found: number;
  looked: number;
  firstSeen: string;
  lastSeen: string;
  /** The time of the oldest file that was seen with it, epoch milliseconds; null for a column. */
  oldestMs: number | null;
  /** This release loads it, so that what landed before only needs a backfill. */
  loadedNow: boolean;
};

/** How far back `status` and the page look: milliseconds. */
export const LATELY_MS = 30 * 86_400_000;
/** Fields shown at most. */
const FIELDS_SHOWN = 500;
const KINDS: readonly DriftedField['kind'][] = ['new', 'missing', 'type', 'empty', 'more'];

/** The open drift noticed since a time, epoch milliseconds, at most 500 fields. @throws LoaderError */
export async function readDriftedFields(
  sinceMs: number,
  sources: readonly Source[],
  deps: LedgerDeps,
): Promise<DriftedField[]> {
  const first = sinceMs <= 0 ? 0 : await firstBatchSince(sinceMs, deps);
  const keywords = { first_batch: String(first), ...rowLimit(FIELDS_SHOWN).keywords };
  const rows = await runReport('drifted-fields', {}, deps, { keywords });
  return rows.flatMap((row) => driftedField(row, sources) ?? []);
}

async function firstBatchSince(sinceMs: number, deps: LedgerDeps): Promise<number> {
  const [row] = await runReport('first-batch-since', {}, deps, { literals: { since: timestampText(sinceMs) } });
  return Number(row?.batch_no);
}

/** Reads a row; undefined when this release expects what it tells. */
function driftedField(row: Row, sources: readonly Source[]): DriftedField | undefined {
  const kind = KINDS.find((one) => one === row.kind);
  if (kind === undefined) throw new Error(`load_fields has kind ${JSON.stringify(row.kind)}, which is none`);
  const text = (value: Row[string] | undefined): string | null => (typeof value === 'string' ? value : null);
  const source = sources.find(({ name }) => name === row.source);
  const types = (text(row.types) ?? '').split(',').filter(Boolean);
  const known = source && knownField(String(row.field), kind, source);
  if (known?.leftOut || isExpected(kind, types, known?.types)) return undefined;
  const bucket = text(row.bucket);
  return {
    source: String(row.source),
    kind,
    field: known?.name ?? String(row.field),
    recordedAs: String(row.field),
    types,
    example: text(row.example),
    firstFile: bucket === null ? null : s3Url({ bucket, key: String(row.key) }),
    firstBatch: String(row.batch_id),
    found: Number(row.found_in),
    looked: Number(row.looked),
    firstSeen: String(row.first_seen),
    lastSeen: String(row.last_seen),
    oldestMs: row.first_event_ms === null ? null : Number(row.first_event_ms),
    loadedNow: kind === 'new' && known?.types !== undefined,
  };
}

type Known = { name: string; types?: readonly FieldType[]; leftOut?: true };

/** What a source knows of a field; columns are called as fields are, in lower case. */
function knownField(field: string, kind: DriftedField['kind'], { fields, rowKey }: Source): Known | undefined {
  const fold = (name: string): string => (rowKey.ignoreCase || kind === 'empty' ? name.toLowerCase() : name);
  const loaded = Object.entries(fields.loaded).find(([name]) => fold(name) === fold(field));
  if (loaded !== undefined) return { name: loaded[0], types: loaded[1] };
  const leftOut = fields.leftOut.find((name) => fold(name) === fold(field));
  return leftOut === undefined ? undefined : { name: leftOut, leftOut: true };
}

/** Whether a source that has learned of it meanwhile expects it. */
function isExpected(kind: DriftedField['kind'], types: readonly string[], known?: readonly FieldType[]): boolean {
  if (known === undefined) return false;
  if (kind === 'missing') return known.includes('absent');
  return kind === 'type' && types.every((type) => known.some((one) => one === type));
}

/** The name by which a person names it: `events.email`. */
export function driftName({ source, field }: Pick<DriftedField, 'source' | 'field'>): string {
  return `${source}.${field}`;
}
