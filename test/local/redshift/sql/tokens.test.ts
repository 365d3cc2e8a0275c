import {
  identifier,
  keyword,
  splitStatements,
  stringValue,
  tokenize,
} from '../../../../src/local/redshift/sql/tokens.ts';

const kinds = (sql: string) => tokenize(sql).map((token) => [token.kind, token.text]);

describe('tokens of a Redshift statement', () => {
  test('words, names, strings, numbers, operators and parameters are told apart', () => {
    expect(kinds(`SELECT "a""b", 'it''s', 1.5e3, x::int || :batch_id`)).toEqual([
      ['word', 'SELECT'],
      ['quoted', '"a""b"'],
      ['operator', ','],
      ['string', `'it''s'`],
      ['operator', ','],
      ['number', '1.5e3'],
      ['operator', ','],
      ['word', 'x'],
      ['operator', '::'],
      ['word', 'int'],
      ['operator', '||'],
      ['parameter', ':batch_id'],
    ]);
  });

  test('positions point into the statement, so the text between tokens is not lost', () => {
    const sql = '/* why */ SELECT  -- one\n 1';
    expect(tokenize(sql).map(({ start, end }) => sql.slice(start, end))).toEqual(['SELECT', '1']);
  });

  test('comments nest', () => {
    expect(kinds('SELECT /* a /* b */ c */ 1')).toHaveLength(2);
  });

  test('a colon inside a string or a cast is not a parameter', () => {
    expect(kinds("'12:30' x::date").filter(([kind]) => kind === 'parameter')).toEqual([]);
  });

  test('#stage is a name, a # b an operator', () => {
    expect(kinds('#stage')).toEqual([['word', '#stage']]);
    expect(kinds('a # b').map(([kind]) => kind)).toEqual(['word', 'operator', 'word']);
    expect(kinds('a#b').map(([kind]) => kind)).toEqual(['word', 'operator', 'word']);
  });

  test('a backslash escapes in string literals', () => {
    expect(stringValue(tokenize(String.raw`'a\'b\\c\n'''`)[0]!)).toBe("a'b\\c\n'");
  });

  test('identifiers fold to lower case, quoted or not', () => {
    expect(tokenize('UserId "FirstName"').map(identifier)).toEqual(['userid', 'firstname']);
    expect(tokenize('select "select"').map(keyword)).toEqual(['SELECT', '']);
  });

  test.each([
    ["SELECT 'open", 'unterminated quoted string'],
    ['SELECT "open', 'unterminated quoted identifier'],
    ['SELECT /* open', 'unterminated /* comment'],
    ['SELECT $$body$$', 'syntax error at or near "$"'],
    ['SELECT $1', 'syntax error at or near "$"'],
  ])('%s is refused', (sql, message) => {
    expect(() => tokenize(sql)).toThrow(message);
  });
});

describe('splitting a script', () => {
  test('semicolons in strings, names and comments do not split', () => {
    expect(splitStatements(`SELECT ';'; -- a ; b\nSELECT ";" /* ; */ ;;`)).toEqual([
      `SELECT ';'`,
      `-- a ; b\nSELECT ";" /* ; */`,
    ]);
  });

  test('comments alone are no statement', () => {
    expect(splitStatements('-- nothing\n; /* here */')).toEqual([]);
  });
});
