import { refused } from './refusals.ts';
import { SqlError } from '../types.ts';

/** A function that is called with OVER. `count` is the number of its arguments. */
export type Windowed = { name: string; isDistinct: boolean; count: number };

const named = (names: string): ReadonlySet<string> => new Set(names.split(/\s+/));

/** https://docs.aws.amazon.com/redshift/latest/dg/c_Window_functions.html */
const AGGREGATES = named(
  'avg count max min sum stddev stddev_pop stddev_samp variance var_pop var_samp first_value last_value nth_value',
);
const RANKINGS = named('row_number rank dense_rank percent_rank cume_dist ntile');
/** Their syntax has ORDER BY without brackets, and no frame. https://docs.aws.amazon.com/redshift/latest/dg/r_WF_LAG.html */
const NEIGHBOURS = named('lag lead');
/** Their syntax has PARTITION BY alone. https://docs.aws.amazon.com/redshift/latest/dg/r_WF_MEDIAN.html */
const PARTITIONED = named('listagg median percentile_cont percentile_disc');

/** Whether a function is none without OVER. */
export function needsWindow(name: string): boolean {
  return RANKINGS.has(name) || NEIGHBOURS.has(name) || name.endsWith('_value');
}

/** Throws SqlError where Redshift does not have the function with such a window. */
export function checkWindow(
  { name, isDistinct, count }: Windowed,
  { isOrdered, isFramed }: { isOrdered: boolean; isFramed: boolean },
): void {
  if (isDistinct) throw new SqlError('DISTINCT is not implemented for window functions', '0A000');
  if (AGGREGATES.has(name)) {
    // https://github.com/OHDSI/Achilles/issues/232
    if (isOrdered && !isFramed) {
      throw new SqlError('Aggregate window functions with an ORDER BY clause require a frame clause', '0A000');
    }
    if (isFramed && !isOrdered) throw refused('syntax error at or near "ROWS"', 'a window frame comes behind ORDER BY');
    return;
  }
  if (!RANKINGS.has(name) && !NEIGHBOURS.has(name) && !PARTITIONED.has(name)) {
    throw refused('syntax error at or near "OVER"', `${name} is no window function`);
  }
  if (isFramed) throw refused('syntax error at or near "ROWS"', `the window of ${name} has no frame`);
  if (PARTITIONED.has(name)) {
    if (isOrdered) throw refused('syntax error at or near "ORDER"', `the window of ${name} has PARTITION BY alone`);
    return;
  }
  if (!NEIGHBOURS.has(name)) return;
  if (count > 2) throw new SqlError(`Default parameter not be supported for window function ${name}`, '0A000');
  if (!isOrdered) throw refused('syntax error at or near ")"', `the window of ${name} needs ORDER BY`);
}
