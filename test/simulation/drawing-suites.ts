/** The tests of `npm test` that draw what they check by the tests' one seed, run with another. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT, startProgram } from '../support/program.ts';

const DRAWS = /from '[./]+support\/(seed|fast-check)\.ts'/;
/** What `npm run prove` searches by itself, and for longer. */
const SEARCHED = /simulation\/(convergence|writers|crash-points|crash-kills)\.test|copy-fuzz\.test/;

/** The files of those tests, from the project's top folder. */
export function drawingSuites(): string[] {
  return readdirSync(join(PROJECT, 'test'), { recursive: true, encoding: 'utf8' })
    .map((file) => join('test', file))
    .filter(
      (file) =>
        file.endsWith('.test.ts') && !SEARCHED.test(file) && DRAWS.test(readFileSync(join(PROJECT, file), 'utf8')),
    )
    .sort();
}

/** Runs them once. `failure` is what jest printed when one of them failed. */
export async function runDrawingSuites(seed: number): Promise<{ runs: number; failure: string | undefined }> {
  const files = drawingSuites();
  const env = { ...process.env, PROVE_SEED: String(seed) };
  const { code, err } = await startProgram('npm', ['test', '--', ...files], { cwd: PROJECT, env }).ended;
  const repeat = `Repeat: PROVE_SEED=${seed} npm test -- <file>`;
  return { runs: files.length, failure: code === 0 ? undefined : `${err}\n${repeat}` };
}
