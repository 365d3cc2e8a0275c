/** Words that no harmless query needs outside of its strings and quoted names: what changes, ends or reaches beyond tables. */
const FORBIDDEN = new Set(
  (
    'insert update delete merge into truncate drop alter create copy unload grant revoke lock call do execute prepare ' +
    'deallocate declare fetch close begin start commit rollback end abort savepoint set reset vacuum analyze analyse comment ' +
    'cancel refresh attach detach show use nextval set_config pg_terminate_backend pg_cancel_backend pg_sleep'
  ).split(' '),
);

/** CASE … END is the only use of a forbidden word that every dashboard has. */
const CASE = /^(case|end)$/;

/** What a text consists of: strings, quoted names, comments, words, semicolons; everything else is skipped. */
const TOKENS = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[^]*?\*\/|[A-Za-z_][\w$]*|;|['"]|\/\*/g;

/**
 * Why a statement is not run from the page; undefined for a single SELECT, or WITH … SELECT, without any word that could change
 * something. It errs on the strict side: a column called `comment` must be quoted. A transaction that is rolled back would not do
 * instead, because a statement may commit by itself.
 */
export function notReadOnly(sql: string): string | undefined {
  const words: string[] = [];
  let ended = false;
  let open = 0;
  for (const [token] of sql.matchAll(TOKENS)) {
    if (token.startsWith('--') || (token.startsWith('/*') && token.endsWith('*/') && token.length > 3)) continue;
    if (token === "'" || token === '"' || token === '/*') return `A ${token} is not closed.`;
    if (ended) return 'Only one statement at a time.';
    if (token === ';') ended = true;
    // A backslash before a quote ends a string on some servers and not on others, so it is not guessed at.
    else if (token.startsWith("'")) {
      if (token.includes('\\')) return 'A string with a backslash is not accepted here.';
    } else if (!token.startsWith('"')) words.push(token.toLowerCase());
  }
  const [first] = words;
  if (first === undefined) return 'There is no statement.';
  if (first !== 'select' && first !== 'with') return 'Only SELECT, or WITH … SELECT: the page changes nothing.';
  if (sql.includes('$$')) return 'Dollar quotes are not accepted here.';
  for (const word of words) {
    if (CASE.test(word)) open += word === 'case' ? 1 : -1;
    if (open < 0 || (FORBIDDEN.has(word) && word !== 'end')) return `"${word.toUpperCase()}" is not accepted here.`;
  }
  return undefined;
}
