import { SqlError } from '../types.ts';
import { parseObject } from './json-object.ts';

/** One JSONPath of a jsonpaths file: member names and array positions, from the root inwards. */
export type JsonPath = (string | number)[];

const MEMBER = /\.([\p{L}_$][\p{L}\p{N}_$-]*)|\[(\d+)\]/uy;
const BRACKET = /\['([^']+)'\]|\["([^"]+)"\]|\[(\d+)\]/y;

/**
 * Reads a jsonpaths file for `columnCount` columns. Gives undefined when the file has no `jsonpaths` member:
 * Redshift then ignores the file without a word and reads as 'auto'. Throws SqlError on everything else that is not
 * a list of plain JSONPaths, one per column.
 * https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-format.html#copy-json-jsonpaths
 */
export function parseJsonPaths(text: string, columnCount: number): JsonPath[] | undefined {
  const malformed = new SqlError('Invalid JSONPath format: the jsonpaths file is not a single JSON object.');
  const document = parseObject(text, malformed);
  if (!('jsonpaths' in document)) return undefined;
  const expressions: unknown = document.jsonpaths;
  if (!Array.isArray(expressions)) throw new SqlError('Invalid JSONPath format: jsonpaths is not an array.');
  if (expressions.length !== columnCount) {
    throw new SqlError(
      'Number of jsonpaths and the number of columns should match. ' +
        `JSONPath size: ${expressions.length}, Number of columns in table or column list: ${columnCount}`,
    );
  }
  return expressions.map(parsePath);
}

function parsePath(expression: unknown): JsonPath {
  if (typeof expression !== 'string' || expression === '') {
    throw new SqlError('Invalid JSONPath format: every element must be a string that is not empty.');
  }
  // Bracket and dot notation cannot be mixed in one path, so the first step decides.
  const step = expression.startsWith('$[') ? BRACKET : MEMBER;
  const path: JsonPath = [];
  let position = 1;
  while (expression.startsWith('$') && position < expression.length) {
    step.lastIndex = position;
    const found = step.exec(expression);
    // No key of a row has a NUL, nor can the engine look for one.
    if (!found || found[0].includes('\0')) throw new SqlError(`Invalid JSONPath format: ${expression}`);
    const [text, first, second, third] = found;
    const index = step === BRACKET ? third : second;
    path.push(index === undefined ? ((step === BRACKET ? (first ?? second) : first) ?? '') : Number(index));
    position += text.length;
  }
  if (path.length === 0) throw new SqlError(`Invalid JSONPath format: ${expression}`);
  return path;
}

/** The same path as a JSON pointer, which the engine reads whatever characters a member's name holds. */
export function jsonPointer(path: JsonPath): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
