import { JSON_FUNCTIONS, TEXT_FUNCTIONS } from './functions-text.ts';
import { TIME_FUNCTIONS } from './functions-time.ts';
import { type Call, type FunctionRule, engineCall, same, renamed } from './function-rule.ts';

/** AVG of integers is an integer on Redshift, and everything else as in the engine. */
function average(call: Call): string {
  const value = engineCall('avg', call);
  const type = `typeof(${engineCall('min', call)})`;
  return `(CASE WHEN ${type} IN ('SMALLINT', 'INTEGER', 'BIGINT') THEN trunc(${value}) ELSE ${value} END)`;
}

function decode({ args }: Call): string {
  const [value = '', ...rest] = args;
  const branches: string[] = [];
  for (let index = 0; index + 1 < rest.length; index += 2) {
    // NULL equals NULL in DECODE.
    branches.push(`WHEN ${value} IS NOT DISTINCT FROM ${rest[index] ?? ''} THEN ${rest[index + 1] ?? ''}`);
  }
  return `(CASE ${branches.join(' ')}${rest.length % 2 === 1 ? ` ELSE ${rest.at(-1) ?? ''}` : ''} END)`;
}

function percentile(engine: string): FunctionRule {
  return {
    min: 1,
    max: 1,
    needsTable: true,
    rewrite: (call) => {
      const [fraction = ''] = call.args;
      const order = call.withinGroup ?? '';
      const descending = order.endsWith(' DESC');
      const value = order.replace(/ (ASC|DESC)$/, '');
      return engineCall(engine, call, [value, descending ? `1 - ${fraction}` : fraction]);
    },
  };
}

function listagg(call: Call): string {
  const order = call.withinGroup === undefined ? '' : ` ORDER BY ${call.withinGroup}`;
  const [value = '', delimiter = "''"] = call.args;
  return `redshift_listed(${engineCall('string_agg', call, [`CAST(${value} AS VARCHAR)`, `${delimiter}${order}`])})`;
}

const GENERAL: Record<string, FunctionRule> = {
  count: same(1),
  sum: same(1),
  min: same(1),
  max: same(1),
  any_value: same(1),
  avg: { min: 1, max: 1, rewrite: average },
  stddev: renamed('stddev_samp', 1),
  stddev_samp: same(1),
  stddev_pop: same(1),
  variance: renamed('var_samp', 1),
  var_samp: same(1),
  var_pop: same(1),
  bool_and: same(1),
  bool_or: same(1),
  bit_and: same(1),
  bit_or: same(1),
  median: { ...same(1), needsTable: true },
  percentile_cont: percentile('quantile_cont'),
  percentile_disc: percentile('quantile_disc'),
  listagg: { min: 1, max: 2, rewrite: listagg, needsTable: true },
  row_number: same(0),
  rank: same(0),
  dense_rank: same(0),
  percent_rank: same(0),
  cume_dist: same(0),
  ntile: same(1),
  lag: same(1, 3),
  lead: same(1, 3),
  first_value: same(1),
  last_value: same(1),
  nth_value: same(2),
  coalesce: same(1, 100),
  nvl: renamed('coalesce', 1, 100),
  nvl2: {
    min: 3,
    max: 3,
    rewrite: ({ args: [a = '', b = '', c = ''] }) => `(CASE WHEN ${a} IS NOT NULL THEN ${b} ELSE ${c} END)`,
  },
  nullif: same(2),
  greatest: same(1, 100),
  least: same(1, 100),
  decode: { min: 3, max: 255, rewrite: decode },
  abs: same(1),
  ceil: same(1),
  ceiling: renamed('ceil', 1),
  floor: same(1),
  round: same(1, 2),
  trunc: same(1, 2),
  sign: same(1),
  sqrt: same(1),
  exp: same(1),
  ln: same(1),
  log: renamed('log10', 1),
  power: same(2),
  pow: renamed('power', 2),
  mod: { min: 2, max: 2, rewrite: ({ args: [a = '', b = ''] }) => `((${a}) % redshift_divisor(${b}))` },
  random: same(0),
  pi: same(0),
  grouping: same(1, 10),
  version: { min: 0, max: 0, rewrite: () => `'PostgreSQL 8.0.2, Redshift (local warehouse)'` },
  current_database: { min: 0, max: 0, rewrite: () => `'dev'` },
  db_collation: { min: 0, max: 0, rewrite: () => `'case_sensitive'` },
  pg_backend_pid: { min: 0, max: 0, rewrite: () => '0' },
};

const ALL = new Map<string, FunctionRule>(
  [GENERAL, TEXT_FUNCTIONS, JSON_FUNCTIONS, TIME_FUNCTIONS].flatMap((rules) => Object.entries(rules)),
);

/** The rule for a function, or undefined when it is not known. */
export function functionNamed(name: string): FunctionRule | undefined {
  return ALL.get(name);
}
