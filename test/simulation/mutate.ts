/** `npm run mutate`: makes each deliberate mistake and looks whether the proof notices. Exit code 1 when one goes unnoticed. */
import { isDeepStrictEqual } from 'node:util';
import { EXAMPLES, playExample } from './examples.ts';
import { MUTANTS, mutate, type Mutant } from './mutants.ts';
import { checkConvergence, checkWriters } from './properties.ts';
import { RACE_EXAMPLES } from './race-examples.ts';
import { playRace, type Tampering } from './races.ts';
import { freshSeed } from '../support/seed.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

/** How long a mistake may hide. */
const LONGEST_SEARCH_MS = 900_000;

const wanted = process.argv.slice(2).join(' ');
const seed = freshSeed();
process.stdout.write(`seed ${seed}\n`);
const unnoticed: string[] = [];
for (const mutant of MUTANTS.filter(({ name }) => name.includes(wanted))) {
  const found = await search(mutant);
  if (!found.noticed) unnoticed.push(mutant.name);
  process.stdout.write(
    `${found.noticed ? 'noticed' : 'NOT NOTICED'} | ${mutant.name} | ${mutant.noticedBy} | ${found.runs} runs | ${found.reason}\n`,
  );
}
process.stdout.write(`${unnoticed.length} of ${MUTANTS.length} mistakes went unnoticed\n`);
process.exitCode = unnoticed.length === 0 ? 0 : 1;

/** Each mistake has a stack of its own: some leave one that cannot be used again. */
async function search(mutant: Mutant): Promise<{ noticed: boolean; runs: number; reason: string }> {
  const stack = await startTestStack({ eventSource: false });
  try {
    const { templates, warehouse } = stack.connection;
    const tampering = (): Tampering => ({
      templates: mutate(templates.load, mutant),
      ...(mutant.around === undefined ? {} : { around: mutant.around(warehouse) }),
    });
    const example = await brokenExample(stack, mutant, tampering);
    if (example !== undefined) return { noticed: true, runs: 1, reason: `example: ${example}` };
    const check = mutant.noticedBy === 'convergence' ? checkConvergence : checkWriters;
    const settings = { runs: 10_000, seed, timeMs: LONGEST_SEARCH_MS, shrink: false } as const;
    const { failure, runs, reason } = await check(stack, settings, tampering());
    return { noticed: failure !== undefined, runs, reason };
  } finally {
    await stack.stop();
  }
}

/** The first worked example that the mistake breaks, by a wrong answer or by none. */
async function brokenExample(
  stack: TestStack,
  { noticedBy }: Mutant,
  tampering: () => Tampering,
): Promise<string | undefined> {
  const races = RACE_EXAMPLES.map((example) => ({
    ...example,
    play: async () => (await playRace(stack, example, tampering())).answer,
  }));
  const rules = EXAMPLES.map((example) => ({ ...example, play: () => playExample(stack, example, tampering()) }));
  for (const { name, play, answer } of noticedBy === 'writers' ? [...races, ...rules] : rules) {
    const given = await play().catch((error: unknown) => error);
    if (!isDeepStrictEqual(given, answer)) return name;
  }
  await stack.reset();
  return undefined;
}
