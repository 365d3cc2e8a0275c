import { parseS3Url } from './manifest-file.ts';
import { identifier, keyword, stringValue, syntaxError, type Token } from '../sql/tokens.ts';
import type { CopyStatement, S3Address, TableName } from '../types.ts';
import { SqlError } from '../types.ts';

/** Options Redshift has but refuses together with JSON. */
const REFUSED_WITH_JSON = new Set(
  (
    'NULL ESCAPE FILLRECORD IGNOREBLANKLINES IGNOREHEADER DELIMITER CSV QUOTE FIXEDWIDTH REMOVEQUOTES READRATIO ' +
    'AVRO PARQUET ORC SHAPEFILE'
  ).split(' '),
);

/** Options Redshift takes with JSON that are not built here. */
const NOT_SUPPORTED = new Set(
  (
    'CREDENTIALS ACCESS_KEY_ID SECRET_ACCESS_KEY SESSION_TOKEN MASTER_SYMMETRIC_KEY ENCRYPTED SSH EXPLICIT_IDS ROUNDEC TRIMBLANKS ' +
    'ACCEPTANYDATE LZOP COMPROWS JOB ENCODING'
  ).split(' '),
);

const MAX_ERRORS_LIMIT = 100_000;

type Options = Omit<CopyStatement, 'table' | 'columns' | 'from' | 'json' | 'iamRole'> &
  Partial<Pick<CopyStatement, 'json' | 'iamRole'>>;

/**
 * Parses a COPY statement (its tokens, COPY first, a closing semicolon allowed). Throws SqlError for what Redshift
 * refuses, and one that begins "the local warehouse does not support" for what only this warehouse lacks.
 * https://docs.aws.amazon.com/redshift/latest/dg/r_COPY.html
 */
export function parseCopy(tokens: Token[]): CopyStatement {
  const reader = new TokenReader(tokens);
  reader.expectWord('COPY');
  const table = tableName(reader);
  const columns = reader.takeOperator('(') ? columnList(reader) : undefined;
  reader.expectWord('FROM');
  const source = reader.string();
  const from = parseS3Url(source);
  if (!from) throw new SqlError(`the local warehouse does not support COPY from '${source}'; only from s3://`);
  const { json, iamRole, ...options } = readOptions(reader);
  if (!iamRole) throw new SqlError('COPY needs credentials: name an IAM_ROLE');
  if (!json) throw new SqlError('the local warehouse does not support COPY of other formats than JSON');
  return { table, columns, from, json, iamRole, ...options };
}

function tableName(reader: TokenReader): TableName {
  const first = reader.identifier();
  return reader.takeOperator('.') ? { schema: first, name: reader.identifier() } : { schema: undefined, name: first };
}

function columnList(reader: TokenReader): string[] {
  const columns: string[] = [];
  do {
    const name = reader.identifier();
    if (columns.includes(name)) throw new SqlError(`column "${name}" specified more than once`, '42701');
    columns.push(name);
  } while (reader.takeOperator(','));
  reader.expectOperator(')');
  return columns;
}

function readOptions(reader: TokenReader): Options {
  const options: Options = {
    manifest: false,
    codec: 'none',
    timeFormat: undefined,
    dateFormat: undefined,
    maxErrors: 0,
    noLoad: false,
    truncateColumns: false,
    emptyAsNull: false,
    blanksAsNull: false,
    acceptInvalidCharacters: undefined,
    region: undefined,
  };
  const seen = new Set<string>();
  for (let token = reader.next(); token; token = reader.next()) {
    let name = keyword(token);
    if (name === 'FORMAT') {
      reader.takeWord('AS');
      name = reader.word('JSON', ...REFUSED_WITH_JSON);
    }
    const group = /^(GZIP|BZIP2|ZSTD)$/.test(name)
      ? 'compression'
      : /^(MAXERROR|IGNOREALLERRORS)$/.test(name)
        ? 'errors'
        : name;
    if (seen.has(group)) throw new SqlError('conflicting or redundant options', '42601');
    seen.add(group);
    const read = OPTION_READERS[name];
    if (read) read(reader, options);
    else if (REFUSED_WITH_JSON.has(name)) throw new SqlError(`${name} option is not supported with JSON format`);
    else if (NOT_SUPPORTED.has(name))
      throw new SqlError(`the local warehouse does not support the COPY option ${name}`);
    else throw syntaxError(token.text);
  }
  return options;
}

type OptionReader = (reader: TokenReader, options: Options) => void;

const OPTION_READERS: Partial<Record<string, OptionReader>> = {
  IAM_ROLE: (reader, options) => {
    options.iamRole = reader.takeWord('DEFAULT') ? 'default' : reader.string();
  },
  JSON: (reader, options) => {
    reader.takeWord('AS');
    options.json = jsonOption(reader.string());
  },
  MANIFEST: (_reader, options) => (options.manifest = true),
  GZIP: (_reader, options) => (options.codec = 'gzip'),
  BZIP2: (_reader, options) => (options.codec = 'bzip2'),
  ZSTD: (_reader, options) => (options.codec = 'zstd'),
  REGION: (reader, options) => (options.region = stringAfterAs(reader)),
  TIMEFORMAT: (reader, options) => (options.timeFormat = timeFormat(stringAfterAs(reader))),
  DATEFORMAT: (reader, options) => (options.dateFormat = stringAfterAs(reader)),
  MAXERROR: (reader, options) => {
    reader.takeWord('AS');
    options.maxErrors = reader.integer();
    if (options.maxErrors > MAX_ERRORS_LIMIT) throw new SqlError(`MAXERROR must be between 0 and ${MAX_ERRORS_LIMIT}`);
  },
  IGNOREALLERRORS: (_reader, options) => (options.maxErrors = Infinity),
  NOLOAD: (_reader, options) => (options.noLoad = true),
  TRUNCATECOLUMNS: (_reader, options) => (options.truncateColumns = true),
  EMPTYASNULL: (_reader, options) => (options.emptyAsNull = true),
  BLANKSASNULL: (_reader, options) => (options.blanksAsNull = true),
  ACCEPTINVCHARS: (reader, options) => {
    const explicit = reader.takeWord('AS');
    const replacement = explicit || reader.isString() ? reader.string() : '?';
    if (!/^[\x01-\x7f]$/.test(replacement))
      throw new SqlError('ACCEPTINVCHARS takes one ASCII character other than NULL');
    options.acceptInvalidCharacters = replacement;
  },
  // Compression analysis and statistics mean nothing here, but a misspelt value is still refused.
  COMPUPDATE: (reader) => reader.takeWord('PRESET') || reader.takeSwitch(),
  STATUPDATE: (reader) => reader.takeSwitch(),
};

function stringAfterAs(reader: TokenReader): string {
  reader.takeWord('AS');
  return reader.string();
}

// Redshift knows its three keywords in lower case only; 'EPOCHMILLISECS' would be taken for a pattern and fail on each row.
function timeFormat(format: string): string {
  if (/^(auto|epochsecs|epochmillisecs)$/i.test(format) && format !== format.toLowerCase()) {
    throw new SqlError(`Invalid TIMEFORMAT '${format}': '${format.toLowerCase()}' must be in lower case`);
  }
  return format;
}

function jsonOption(option: string): CopyStatement['json'] {
  if (option === 'auto' || option === 'auto ignorecase') return { kind: option };
  if (option === 'noshred') throw new SqlError("the local warehouse does not support JSON 'noshred'");
  const address: S3Address | undefined = parseS3Url(option);
  if (!address?.key)
    throw new SqlError(
      `Invalid JSONPath option '${option}': give 'auto', 'auto ignorecase' or the S3 path of a jsonpaths file`,
    );
  return { kind: 'jsonpaths', address };
}

/** Reads the tokens of a statement from left to right; everything unexpected is a syntax error. */
class TokenReader {
  readonly #tokens: Token[];
  #position = 0;

  constructor(tokens: Token[]) {
    this.#tokens = tokens.at(-1)?.text === ';' ? tokens.slice(0, -1) : tokens;
  }

  next(): Token | undefined {
    return this.#tokens[this.#position++];
  }

  isString(): boolean {
    return this.#tokens[this.#position]?.kind === 'string';
  }

  takeWord(word: string): boolean {
    const matches = keyword(this.#tokens[this.#position]) === word;
    if (matches) this.#position++;
    return matches;
  }

  takeOperator(text: string): boolean {
    const token = this.#tokens[this.#position];
    const matches = token?.kind === 'operator' && token.text === text;
    if (matches) this.#position++;
    return matches;
  }

  /** ON or OFF, or nothing, which means ON. */
  takeSwitch(): boolean {
    return ['ON', 'OFF', 'TRUE', 'FALSE'].some((word) => this.takeWord(word));
  }

  expectWord(word: string): void {
    this.word(word);
  }

  expectOperator(text: string): void {
    if (!this.takeOperator(text)) throw this.#unexpected();
  }

  word(...allowed: string[]): string {
    const found = keyword(this.#tokens[this.#position]);
    if (!allowed.includes(found)) throw this.#unexpected();
    this.#position++;
    return found;
  }

  identifier(): string {
    return identifier(this.#take('word', 'quoted'));
  }

  string(): string {
    return stringValue(this.#take('string'));
  }

  integer(): number {
    const token = this.#take('number');
    if (!/^\d+$/.test(token.text)) throw syntaxError(token.text);
    return Number(token.text);
  }

  #take(...kinds: Token['kind'][]): Token {
    const token = this.#tokens[this.#position];
    if (!token || !kinds.includes(token.kind)) throw this.#unexpected();
    this.#position++;
    return token;
  }

  #unexpected(): SqlError {
    return syntaxError(this.#tokens[this.#position]?.text);
  }
}
