import { splitFile } from './template.ts';

/** What a load statement does to a table of the schema; staging tables have no schema. */
const WRITE = /^(MERGE|INSERT|UPDATE|DELETE|LOCK)(?: INTO| FROM)? :"schema"\."?(\w+)/;

/** What the statements of some load files do to which tables, in their order. */
export function writesOf(texts: readonly string[]): { verb: string; table: string }[] {
  return texts.flatMap((text) =>
    splitFile(text).flatMap((statement) => {
      const [, verb, table] = WRITE.exec(statement) ?? [];
      return verb !== undefined && table !== undefined ? [{ verb, table }] : [];
    }),
  );
}
