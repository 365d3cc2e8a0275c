import type { FieldFinding, FieldScan } from '../objects/fields.ts';
import type { Candidate } from '../objects/source.ts';

/** One file whose beginning was looked at. */
export type Look = { object: Candidate; scan: FieldScan };

/**
 * What looking at some files of a source found: a field with the first file that has it, and in how many of them it is. `read`
 * says how many were looked at, `more` in how many were new fields that are not named.
 */
export type Sighting = {
  kind: FieldFinding['kind'] | 'read' | 'more';
  field: string;
  types: string;
  example: string | undefined;
  object: Candidate;
  foundIn: number;
  outOf: number;
};

/** Findings named of one source in one batch: what thousands of hostile files name at most. */
export const NAMED_OF_A_BATCH = 100;

/** The field that stands for those that are not named, and for none. */
const UNNAMED = '*';

/** Sums up what was found, source by source. */
export function sightingsOf(looks: readonly Look[]): Sighting[] {
  const sources = new Set(looks.map(({ object }) => object.source.name));
  return [...sources].flatMap((name) => ofSource(looks.filter(({ object }) => object.source.name === name)));
}

function ofSource(looks: readonly Look[]): Sighting[] {
  const outOf = looks.length;
  const [first] = looks;
  if (first === undefined) return [];
  const found = new Map<string, Sighting>();
  let more: Sighting | undefined;
  for (const { object, scan } of looks) {
    let unnamed = scan.unnamed > 0;
    for (const { kind, field, types, example } of scan.findings) {
      const id = `${kind} ${field}`;
      const known = found.get(id);
      if (known !== undefined) {
        known.foundIn += 1;
        known.types = sorted([...known.types.split(',').filter(Boolean), ...types]);
      } else if (found.size >= NAMED_OF_A_BATCH) unnamed = true;
      else found.set(id, { kind, field, types: sorted(types), example, object, foundIn: 1, outOf });
    }
    if (!unnamed) continue;
    more ??= { kind: 'more', field: UNNAMED, types: '', example: undefined, object, foundIn: 0, outOf };
    more.foundIn += 1;
  }
  const read: Sighting = {
    kind: 'read',
    field: UNNAMED,
    types: '',
    example: undefined,
    object: first.object,
    foundIn: outOf,
    outOf,
  };
  return [read, ...found.values(), ...(more === undefined ? [] : [more])];
}

function sorted(types: readonly string[]): string {
  return [...new Set(types)].sort().join(',');
}

/** A sighting as COPY reads it, keys named as the columns of staging_objects. */
export function sightingColumns({ kind, field, types, example, foundIn, outOf }: Sighting): Record<string, unknown> {
  return { noticed: kind, field, types, example, found_in: foundIn, out_of: outOf };
}
