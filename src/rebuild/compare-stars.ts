import { runReport } from '../ledger/reports.ts';
import { questionsOf, type RebuildDeps } from './deps.ts';

/** The tables that are compared. */
export const COMPARED = ['songplays', 'users', 'songs', 'artists', 'time'] as const;

/** Rows of one table that are in the live star alone, in the next one alone, or in both and different, with up to two keys. */
export type Difference = {
  table: (typeof COMPARED)[number];
  kind: 'here' | 'there' | 'different';
  rows: number;
  examples: string[];
};

/** Objects that can have made the stars differ, with one of them. */
export type Cause = { cause: 'deleted' | 'overwritten'; objects: number; example: string };

/** What a rebuild would change, and what can have led to it. */
export type Comparison = { differences: Difference[]; causes: Cause[] };

/** Compares the live star with the next one, table by table. Nothing is changed. @throws LoaderError */
export async function compareStars(deps: RebuildDeps): Promise<Comparison> {
  const questions = questionsOf(deps, deps.schemas.live);
  const identifiers = { next: deps.schemas.next };
  const differences: Difference[] = [];
  for (const table of COMPARED) {
    for (const row of await runReport(`compare-${table}`, {}, questions, { identifiers })) {
      const examples = [...new Set([String(row.first_example), String(row.last_example)])];
      differences.push({ table, kind: row.kind as Difference['kind'], rows: Number(row.row_count), examples });
    }
  }
  const causes = (await runReport('causes', {}, questions, { identifiers })).map((row) => ({
    cause: row.cause as Cause['cause'],
    objects: Number(row.objects),
    example: String(row.example),
  }));
  return { differences, causes };
}

/** What probably made rows differ, in words. */
export function likelyCause(kind: Difference['kind'], causes: readonly Cause[]): string {
  const of = (cause: Cause['cause']): string[] =>
    causes
      .filter((one) => one.cause === cause)
      .map(({ example, objects }) => `${objects} ${cause}, such as ${example}`);
  const found =
    kind === 'here' ? [...of('deleted'), ...of('overwritten')] : kind === 'different' ? of('overwritten') : [];
  if (found.length > 0) return `objects: ${found.join('; ')}`;
  if (kind === 'there') return 'a load that the live star never saw, a gap of a restored snapshot, or a changed rule';
  return 'a changed rule';
}
