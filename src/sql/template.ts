/** The values of a template's placeholders. */
export type TemplateValues = {
  /** `:"name"` → a quoted identifier. */
  identifiers?: Readonly<Record<string, string>>;
  /** `:"name"` → a quoted database user, which may be one that IAM created: `IAMR:loader`. */
  users?: Readonly<Record<string, string>>;
  /** `:'name'` → a quoted literal, or a list of them for IN. */
  literals?: Readonly<Record<string, string | readonly string[]>>;
  /** `:name` → an SQL keyword such as GZIP, or nothing. */
  keywords?: Readonly<Record<string, string>>;
  /** `:name` → left in the text and bound by the Data API. */
  parameters?: readonly string[];
};

/** A rendered statement and the Data API parameters it names. */
export type Rendered = { text: string; parameters: string[] };

/** Names of database users, including those that IAM creates. */
export const USER_NAME = /^[A-Za-z_][\w:.@+=,/-]{0,126}$/;
const SAFE_LITERAL = /^[\x20-\x5b\x5d-\x7e]*$/;
const SAFE_KEYWORD = /^[A-Z0-9, ]*$/;
// Quoted strings match first, so that nothing inside one is taken for a placeholder. `::` is a cast.
const NAMES = /'(?:[^']|'')*'|::|:"([a-z_]+)"|:'([a-z_]+)'|:([a-z_][a-z0-9_]*)/g;

/**
 * Renders one template. Templates use only psql's own forms, so each file also runs by hand with `psql -v`.
 * @throws Error for a placeholder without a value, a value without a placeholder, or a value that could break out of its
 * quotes: all three are bugs in the caller.
 */
export function render(template: string, values: TemplateValues): Rendered {
  const unused = new Set([
    ...Object.keys(values.identifiers ?? {}),
    ...Object.keys(values.users ?? {}),
    ...Object.keys(values.literals ?? {}),
    ...Object.keys(values.keywords ?? {}),
    ...(values.parameters ?? []),
  ]);
  const parameters = new Set<string>();
  const take = <T>(name: string, from: Readonly<Record<string, T>> | undefined): T => {
    const value = from?.[name];
    if (value === undefined) throw new Error(`the template names ${name}, which has no value`);
    unused.delete(name);
    return value;
  };
  const text = stripComments(template).replace(
    NAMES,
    (match, identifier?: string, literal?: string, word?: string): string => {
      if (identifier !== undefined && values.users?.[identifier] !== undefined) {
        return quoteUser(take(identifier, values.users));
      }
      if (identifier !== undefined) return quoteIdentifier(take(identifier, values.identifiers));
      if (literal !== undefined) return quoteLiterals(take(literal, values.literals));
      if (word === undefined) return match;
      if (values.parameters?.includes(word)) {
        parameters.add(word);
        unused.delete(word);
        return match;
      }
      return keyword(take(word, values.keywords));
    },
  );
  const left = [...unused][0];
  if (left !== undefined) throw new Error(`the template does not use ${left}`);
  return { text: text.trim(), parameters: [...parameters] };
}

/**
 * A template without its optional lines of some names. A line is optional when it ends with `-- optional name`; by hand, psql
 * takes that for a comment and keeps the line.
 */
export function leaveOutLines(template: string, names: readonly string[]): string {
  return template.replace(/^(.*?)[ \t]*-- optional (\w+)\n/gm, (_, line: string, name: string) =>
    names.includes(name) ? '' : `${line}\n`,
  );
}

/** The placeholders a template uses. */
export function placeholdersIn(template: string): Set<string> {
  const names = new Set<string>();
  for (const [, identifier, literal, word] of stripComments(template).matchAll(NAMES)) {
    const name = identifier ?? literal ?? word;
    if (name !== undefined) names.add(name);
  }
  return names;
}

/** The statements of a file; each ends with a semicolon at the end of a line. */
export function splitFile(text: string): string[] {
  return stripComments(text)
    .split(/;[ \t]*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}

/** Comments are for readers of the file and are not sent. Only whole lines are comments. */
function stripComments(text: string): string {
  return text.replace(/^[ \t]*--.*\n?/gm, '');
}

function quoteIdentifier(name: string): string {
  if (!/^[a-z_][a-z0-9_]*$/.test(name)) throw new Error(`${JSON.stringify(name)} is not a plain lower-case identifier`);
  return `"${name}"`;
}

function quoteUser(name: string): string {
  if (!USER_NAME.test(name)) throw new Error(`${JSON.stringify(name)} is not a valid database user`);
  return `"${name}"`;
}

function quoteLiterals(values: string | readonly string[]): string {
  const list = typeof values === 'string' ? [values] : values;
  return list
    .map((value) => {
      // Backslash is an escape in Redshift's literals and not in other dialects', so it is rejected rather than doubled.
      if (!SAFE_LITERAL.test(value)) throw new Error(`${JSON.stringify(value)} is not allowed in a literal`);
      return `'${value.replaceAll("'", "''")}'`;
    })
    .join(', ');
}

function keyword(word: string): string {
  if (!SAFE_KEYWORD.test(word)) throw new Error(`${JSON.stringify(word)} is not a keyword`);
  return word;
}
