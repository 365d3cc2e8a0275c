/** What needs no quotes in any shell. */
const PLAIN = /^[\w%+=:,./@-]+$/;
/** What a person could not see, or not paste. */
const INVISIBLE = /[^\x20-\x7e\p{L}\p{M}\p{N}\p{P}\p{S}]/u;

/** A word as it is typed to a shell, whatever is in it: a path with blanks, a key with quotes. */
export function shellQuote(word: string): string {
  if (PLAIN.test(word)) return word;
  if (!INVISIBLE.test(word)) return `'${word.replaceAll("'", `'\\''`)}'`;
  // The ANSI-C quotes of bash and zsh are the only ones that can write such characters.
  const escaped = word.replace(/[\\']|[^\x20-\x7e\p{L}\p{M}\p{N}\p{P}\p{S}]/gu, (character) =>
    /[\\']/.test(character)
      ? `\\${character}`
      : [...Buffer.from(character)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join(''),
  );
  return `$'${escaped}'`;
}

/** A command of ours as it is typed: `npx sparkify why 's3://bucket/a key'`. */
export function sparkifyCommand(...words: readonly string[]): string {
  return ['npx sparkify', ...words.map(shellQuote)].join(' ');
}
