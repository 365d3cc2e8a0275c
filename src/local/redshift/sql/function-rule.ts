import type { Token } from './tokens.ts';

/** One call as written: arguments already in the engine's SQL, and their tokens for what must be a literal. */
export type Call = {
  name: string;
  args: string[];
  tokens: Token[][];
  /** `DISTINCT ` or nothing. */
  distinct: string;
  withinGroup: string | undefined;
  over: { nulls: string; window: string } | undefined;
  /** Start of the statement; undefined in views and defaults. */
  now: Date | undefined;
};

/** How a Redshift function is written for the engine. `needsTable` marks those that run on compute nodes only, `takesDatePart` those that
 * begin with a date part. */
export type FunctionRule = {
  min: number;
  max: number;
  rewrite: (call: Call) => string;
  needsTable?: boolean;
  takesDatePart?: boolean;
};

/** Writes a call of an engine function, keeping DISTINCT and OVER. */
export function engineCall(name: string, call: Call, args = call.args): string {
  const nulls = call.over?.nulls ? ` ${call.over.nulls}` : '';
  return `${name}(${call.distinct}${args.join(', ')}${nulls})${call.over ? ` OVER ${call.over.window}` : ''}`;
}

/** A rule for a function that the engine has under the same name and with the same meaning. */
export function same(min: number, max = min): FunctionRule {
  return { min, max, rewrite: (call) => engineCall(call.name, call) };
}

/** A rule for a function that the engine has under another name. */
export function renamed(name: string, min: number, max = min): FunctionRule {
  return { min, max, rewrite: (call) => engineCall(name, call) };
}
