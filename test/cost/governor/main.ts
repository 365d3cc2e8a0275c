/** `npm run governor` prints the tables of docs/COST.md on what a governor of the batch window would save. */
import { governorTables, outcomes } from './tables.ts';

for (const [heading, rows] of Object.entries(governorTables(outcomes())))
  process.stdout.write(`${heading}\n\n${rows}\n\n`);
