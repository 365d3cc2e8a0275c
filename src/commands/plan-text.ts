import type { PlannedStep, UpgradePlan } from '../schema/upgrade-plan.ts';

/** A planned upgrade as SQL that a person can read, and run: each step a transaction, as the command would run it. */
export function planText(schema: string, { from, to, steps }: UpgradePlan): string {
  if (steps.length === 0) return `-- Schema ${schema} is at version ${to}; nothing to do.`;
  const versions =
    from === to ? `at version ${to}` : `from ${from === 0 ? 'nothing' : `version ${from}`} to version ${to}`;
  const heading = `-- Schema ${schema}, ${versions}. Nothing of this was run. By hand: in this order, and stop at the first error.`;
  return [heading, ...steps.map(stepText)].join('\n\n');
}

function stepText({ name, breaking, statements }: PlannedStep): string {
  const flag = breaking === undefined ? [] : [`-- breaking: ${breaking}`];
  return [`-- ${name}`, ...flag, 'BEGIN;', ...statements.map((text) => `${text};`), 'COMMIT;'].join('\n');
}
