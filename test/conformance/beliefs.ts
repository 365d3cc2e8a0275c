import type { Belief } from './belief.ts';
import { idOf } from './belief.ts';
import { beliefs as dataApi } from './fixtures/data-api.ts';
import { beliefs as refusedDefinitions } from './fixtures/refused-definitions.ts';
import { beliefs as refusedQueries } from './fixtures/refused-queries.ts';
import { beliefs as expressions } from './fixtures/expressions.ts';
import { beliefs as refusedMeanings } from './fixtures/refused-meanings.ts';
import { beliefs as refusedChanges } from './fixtures/refused-changes.ts';
import { beliefs as refusedMerges } from './fixtures/refused-merges.ts';
import { beliefs as definitions } from './fixtures/definitions.ts';
import { beliefs as loadForms } from './fixtures/load-forms.ts';
import { beliefs as merges } from './fixtures/merges.ts';
import { beliefs as copyStatement } from './fixtures/copy-statement.ts';
import { beliefs as copySources } from './fixtures/copy-sources.ts';
import { beliefs as copyValues } from './fixtures/copy-values.ts';
import { beliefs as copyBadFiles } from './fixtures/copy-bad-files.ts';

/** Everything the product believes of Redshift that a statement or a call can show. */
export const BELIEFS: readonly Belief[] = [
  ...dataApi,
  ...refusedDefinitions,
  ...refusedQueries,
  ...expressions,
  ...refusedMeanings,
  ...refusedChanges,
  ...refusedMerges,
  ...definitions,
  ...merges,
  ...loadForms,
  ...copyStatement,
  ...copySources,
  ...copyValues,
  ...copyBadFiles,
];

/** The names that occur twice. What was observed is kept by name. */
export function doubled(): string[] {
  const seen = new Set<string>();
  return BELIEFS.map(idOf).filter((id) => seen.size === seen.add(id).size);
}
