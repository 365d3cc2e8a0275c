import type { Stage } from './stages.ts';

/** One statement of a load: data before it is action. */
export type Statement = {
  stage: Stage;
  name: string;
  text: string;
  /** Of a COPY of landed objects: the name of their group. */
  group?: string;
  /** Rows come back that the loader reads. */
  givesRows?: true;
  /** It fails on purpose when rows of the batch were rejected. */
  guard?: true;
};

/** The load files by name without `.sql`. */
export type Templates = Readonly<Record<string, string>>;

/** What the statements of every batch of a deployment have in common. */
export type WarehouseNames = { schema: string; copyRole: string; region: string };
