import type { ErrorCode } from '../errors.ts';

/** One of Redshift's error texts: what it means, the next step, and where the text was seen. */
export type StatementRule = {
  match: RegExp;
  code: ErrorCode;
  hint: string;
  /** A text it must match, and its source: an AWS page, a report from a real warehouse, or `inferred`. */
  seen: readonly { text: string; source: string }[];
};
