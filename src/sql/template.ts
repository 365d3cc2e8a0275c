/** What a template's names stand for. */
export type TemplateValues = {
  /** `:"name"` → a quoted identifier. */
  identifiers?: Readonly<Record<string, string>>;
  /** `:"name"` → a quoted name of a database user, which may be one that IAM made: `IAMR:loader`. */
  users?: Readonly<Record<string, string>>;
  /** `:'name'` → a quoted literal; several become a list for IN. */
  literals?: Readonly<Record<string, string | readonly string[]>>;
  /** `:name` → a word of the SQL itself, such as GZIP, or nothing. */
  keywords?: Readonly<Record<string, string>>;
  /** `:name` → left in the text, bound by the Data API. */
  parameters?: readonly string[];
};

/** A rendered statement and the Data API parameters it names. */
export type Rendered = { text: string; parameters: string[] };

/** Names of database users, those that IAM makes among them. */
export const USER_NAME = /^[A-Za-z_][\w:.@+=,/-]{0,126}$/;
const SAFE_LITERAL = /^[\x20-\x5b\x5d-\x7e]*$/;
const SAFE_KEYWORD = /^[A-Z0-9, ]*$/;
// A quoted string is matched first, so that nothing inside one is taken for a name. `::` is a cast.
const NAMES = /'(?:[^']|'')*'|::|:"([a-z_]+)"|:'([a-z_]+)'|:([a-z_][a-z0-9_]*)/g;

/**
 * Renders one template. Templates use only psql's own forms, so each file also runs by hand with `psql -v`.
 * @throws Error for a name that is missing, a value that no name uses, or a value that could break out of its quotes:
 * all three are defects of the caller.
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

/** The names a template uses, for choosing what to pass. */
export function placeholdersIn(template: string): Set<string> {
  const names = new Set<string>();
  for (const [, identifier, literal, word] of stripComments(template).matchAll(NAMES)) {
    const name = identifier ?? literal ?? word;
    if (name !== undefined) names.add(name);
  }
  return names;
}

/** The statements of a file of several, each ended by a semicolon at the end of a line. */
export function splitFile(text: string): string[] {
  return stripComments(text)
    .split(/;[ \t]*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}

/** Comments are for the reader of the file; statements travel without them. Only whole lines are comments. */
function stripComments(text: string): string {
  return text.replace(/^[ \t]*--.*\n?/gm, '');
}

function quoteIdentifier(name: string): string {
  if (!/^[a-z_][a-z0-9_]*$/.test(name)) throw new Error(`${JSON.stringify(name)} is no plain lower-case identifier`);
  return `"${name}"`;
}

function quoteUser(name: string): string {
  if (!USER_NAME.test(name)) throw new Error(`${JSON.stringify(name)} is no name of a database user`);
  return `"${name}"`;
}

function quoteLiterals(values: string | readonly string[]): string {
  const list = typeof values === 'string' ? [values] : values;
  return list
    .map((value) => {
      // Backslash escapes inside Redshift's literals and not inside others', so it is refused rather than doubled.
      if (!SAFE_LITERAL.test(value)) throw new Error(`${JSON.stringify(value)} may not stand in a literal`);
      return `'${value.replaceAll("'", "''")}'`;
    })
    .join(', ');
}

function keyword(word: string): string {
  if (!SAFE_KEYWORD.test(word)) throw new Error(`${JSON.stringify(word)} is no keyword`);
  return word;
}
