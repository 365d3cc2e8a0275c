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
  /** It fails deliberately when rows of the batch were rejected. */
  guard?: true;
};

/** The load files by name without `.sql`. */
export type Templates = Readonly<Record<string, string>>;

/** What all statements of a deployment have in common. */
export type WarehouseNames = { schema: string; copyRole: string; region: string };
