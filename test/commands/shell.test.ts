import { execFileSync } from 'node:child_process';
import fc from '../support/fast-check.ts';
import { shellQuote, sparkifyCommand } from '../../src/commands/shell.ts';

/** What bash makes of a word. */
function readByShell(words: readonly string[]): string[] {
  const printed = execFileSync('bash', ['-c', `printf '%s\\0' ${words.map(shellQuote).join(' ')}`], {
    encoding: 'utf8',
  });
  return printed.split('\0').slice(0, -1);
}

describe('a word in a command to type', () => {
  test('is left as it is where it needs no quotes', () => {
    expect(sparkifyCommand('why', 's3://landing/log_data/2018/11/a-b_c.json')).toBe(
      'npx sparkify why s3://landing/log_data/2018/11/a-b_c.json',
    );
  });

  test.each([
    ['a b', `'a b'`],
    [`it's`, `'it'\\''s'`],
    ['$(rm -r x)`y`', "'$(rm -r x)`y`'"],
    ['🎵é', `'🎵é'`],
    ['', `''`],
    ['a\nb', `$'a\\x0ab'`],
    ['\u001b[2J', `$'\\x1b[2J'`],
    ['\u200fx', `$'\\xe2\\x80\\x8fx'`],
  ])('%j is written %s', (word, written) => {
    expect(shellQuote(word)).toBe(written);
  });

  test('is read by a shell as it was, whatever it holds', () => {
    // No key and no argument of a command holds a NUL.
    const word = fc.string({ unit: 'binary' }).filter((text) => !/[\0\ud800-\udfff]/u.test(text));
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 50 }), (words) => {
        expect(readByShell(words)).toEqual(words);
      }),
      { numRuns: 50 },
    );
  });
});
