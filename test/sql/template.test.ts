import fc from '../support/fast-check.ts';
import { placeholdersIn, render, splitFile } from '../../src/sql/template.ts';

describe('a template', () => {
  test.each([
    [
      'an identifier',
      'SELECT 1 FROM :"schema".songs',
      { identifiers: { schema: 'sparkify' } },
      'SELECT 1 FROM "sparkify".songs',
    ],
    ['a literal', "COPY t FROM :'url'", { literals: { url: "s3://b/it's" } }, "COPY t FROM 's3://b/it''s'"],
    ['a list of literals', "IN (:'ids')", { literals: { ids: ['a', 'b'] } }, "IN ('a', 'b')"],
    ['a keyword', "JSON 'auto' :codec NOLOAD", { keywords: { codec: 'GZIP' } }, "JSON 'auto' GZIP NOLOAD"],
    ['an absent keyword', 'COPY t :codec', { keywords: { codec: '' } }, 'COPY t'],
    ['a parameter, left for the warehouse', 'SELECT :batch_id', { parameters: ['batch_id'] }, 'SELECT :batch_id'],
    ['a cast beside a parameter', 'SELECT :n::BIGINT', { parameters: ['n'] }, 'SELECT :n::BIGINT'],
    ['a cast that looks like a name', 'SELECT x::date', {}, 'SELECT x::date'],
    ['a colon in a literal', "SELECT ':x 10:30', 'it''s :x'", {}, "SELECT ':x 10:30', 'it''s :x'"],
    ['the same name twice', ':"s".a JOIN :"s".b', { identifiers: { s: 'x' } }, '"x".a JOIN "x".b'],
    ['a value that looks like a name', "a = :'v'", { literals: { v: ':x' } }, "a = ':x'"],
    ['a comment with a name in it', '-- of :x\n  -- and :y\nSELECT 1', {}, 'SELECT 1'],
  ])('renders %s', (_, template, values, expected) => {
    expect(render(template, values).text).toBe(expected);
  });

  test('tells which parameters it leaves, once each', () => {
    expect(render('SELECT :b, :a, :b', { parameters: ['a', 'b'] }).parameters).toEqual(['b', 'a']);
  });

  test.each([
    ['an identifier', ':"schema"', 'schema'],
    ['a literal', ":'url'", 'url'],
    ['a word', ':codec', 'codec'],
  ])('that names %s without a value is refused', (_, template, name) => {
    expect(() => render(template, {})).toThrow(`the template names ${name}, which has no value`);
  });

  test.each([
    [{ identifiers: { a: 'x' } }],
    [{ literals: { a: 'x' } }],
    [{ keywords: { a: 'X' } }],
    [{ parameters: ['a'] }],
  ])('that does not use what it is given (%j) is refused', (values) => {
    expect(() => render("SELECT ':a'", values)).toThrow('the template does not use a');
  });

  test.each(['a"b', 'a b', 'Upper', '', '1a', 'a;drop', 'ü'])('refuses the identifier %j', (value) => {
    expect(() => render(':"a"', { identifiers: { a: value } })).toThrow('is no plain lower-case identifier');
  });

  test.each(['a\\', "\\' OR 1=1 --", 'a\nb', '\u0000', 'ü'])('refuses the literal %j', (value) => {
    expect(() => render(":'a'", { literals: { a: ['fine', value] } })).toThrow('may not stand in a literal');
  });

  test.each(["GZIP'; DROP TABLE t", 'gzip', 'A;B', '--', 'A\nB'])('refuses the keyword %j', (value) => {
    expect(() => render(':a', { keywords: { a: value } })).toThrow('is no keyword');
  });

  test('keeps any accepted literal inside its quotes', () => {
    const text = fc.string({ unit: 'grapheme-ascii' }).filter((value) => !value.includes('\\'));
    fc.assert(
      fc.property(text, (value) => {
        const rendered = render("x = :'a' AND y", { literals: { a: value } }).text;
        const inside = /^x = '((?:[^']|'')*)' AND y$/.exec(rendered)?.[1];
        expect(inside?.replaceAll("''", "'")).toBe(value);
      }),
    );
  });
});

test('the names of a template are those outside strings and comments', () => {
  const names = placeholdersIn(`-- :no\nSELECT :"schema", :'url', :word, x::no, ':no'`);
  expect([...names]).toEqual(['schema', 'url', 'word']);
});

describe('a file of several statements', () => {
  test('is split at semicolons that end a line', () => {
    expect(splitFile("-- why\nSELECT 1;\n\nSELECT ';' AS a,\n  2; \n-- end\n")).toEqual([
      'SELECT 1',
      "SELECT ';' AS a,\n  2",
    ]);
  });

  test('may be one statement without a semicolon, or nothing', () => {
    expect(splitFile('SELECT 1')).toEqual(['SELECT 1']);
    expect(splitFile('-- nothing\n')).toEqual([]);
  });
});
