/** Needs no quotes in any shell. */
const PLAIN = /^[\w%+=:,./@-]+$/;
/** Invisible, or impossible to paste. */
const INVISIBLE = /[^\x20-\x7e\p{L}\p{M}\p{N}\p{P}\p{S}]/u;

/** Quotes a word for the shell, whatever it contains: a path with spaces, a key with quotes. */
export function shellQuote(word: string): string {
  if (PLAIN.test(word)) return word;
  if (!INVISIBLE.test(word)) return `'${word.replaceAll("'", `'\\''`)}'`;
  // Only the ANSI-C quotes of bash and zsh can express such characters.
  const escaped = word.replace(/[\\']|[^\x20-\x7e\p{L}\p{M}\p{N}\p{P}\p{S}]/gu, (character) =>
    /[\\']/.test(character)
      ? `\\${character}`
      : [...Buffer.from(character)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join(''),
  );
  return `$'${escaped}'`;
}

/** One of our commands as typed: `npx sparkify why 's3://bucket/a key'`. */
export function sparkifyCommand(...words: readonly string[]): string {
  return ['npx sparkify', ...words.map(shellQuote)].join(' ');
}
