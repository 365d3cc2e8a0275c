/**
 * The seed of everything that tests draw by chance. It is the same each time, so that a change that breaks nothing stays green;
 * PROVE_SEED names another, and `npm run prove` a fresh one for each of its rounds.
 */
export const SEED = givenSeed() ?? 20_181_130;

/** Whether a search is on, which may take its time: `npm test` itself tries a share of what is tried then. */
export const SEARCHING = givenSeed() !== undefined;

/** A seed nobody has had yet, unless the environment names one. */
export function freshSeed(): number {
  return givenSeed() ?? Date.now() % 0x7fffffff;
}

function givenSeed(): number | undefined {
  const given = Number(process.env.PROVE_SEED);
  return Number.isInteger(given) && given !== 0 ? given : undefined;
}
