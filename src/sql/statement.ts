import type { Stage } from './stages.ts';

/** One statement of a load, rendered and not yet run. */
export type Statement = {
  stage: Stage;
  name: string;
  text: string;
  /** For a COPY of landed objects: the name of their group. */
  group?: string;
  /** It returns rows that the loader reads. */
  givesRows?: true;
  /** It fails deliberately, by dividing by zero, when another load has made what the merge knows outdated. */
  guard?: Guard;
};

/**
 * What a deliberate failure means: a later batch recorded an object of this one (`unchanged`), or plays to heal lie outside the
 * merge's ranges (`covered`).
 */
export type Guard = 'unchanged' | 'covered';

/** The load files by name without `.sql`. */
export type Templates = Readonly<Record<string, string>>;

/** What all statements of a deployment have in common. */
export type WarehouseNames = { schema: string; copyRole: string; region: string };
