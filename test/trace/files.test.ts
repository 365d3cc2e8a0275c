import fc from '../support/fast-check.ts';
import { readMembers } from '../../src/trace/members.ts';
import { RootObjects, UnreadableContent, type RootObject } from '../../src/trace/root-objects.ts';
import { mayContain, needlesOf, songSearch, userSearch } from '../../src/trace/search.ts';
import { objectsAt } from '../support/oracle-values.ts';

/** Cuts a text into its objects, fed in pieces of so many bytes. */
function cut(text: string, pieceBytes = Infinity): RootObject[] {
  const bytes = Buffer.from(text);
  const objects = new RootObjects();
  const found: RootObject[] = [];
  for (let at = 0; at < bytes.length; at += Math.min(pieceBytes, bytes.length)) {
    found.push(...objects.push(bytes.subarray(at, at + pieceBytes)));
  }
  objects.end();
  return found;
}

const lines = (text: string, pieceBytes?: number): string[] =>
  cut(text, pieceBytes).map(({ bytes, line, nth }) => `${line}.${nth} ${Buffer.from(bytes).toString()}`);

describe('the objects of a file', () => {
  test.each([
    ['one a line', '{"a":1}\n{"a":2}\n', ['1.1 {"a":1}', '2.1 {"a":2}']],
    ['glued together', '{"a":1}{"a":2} {"a":3}', ['1.1 {"a":1}', '1.2 {"a":2}', '1.3 {"a":3}']],
    [
      'over several lines, with Windows’ ends of lines',
      '\r\n\r\n{\r\n"a":\r\n1}\r\n{}',
      ['3.1 {\r\n"a":\r\n1}', '6.1 {}'],
    ],
    [
      'one that ends where the next begins',
      '{"a":\n1}{"b":2}\n{"c":3}',
      ['1.1 {"a":\n1}', '2.1 {"b":2}', '3.1 {"c":3}'],
    ],
    [
      'with braces and quotes in texts',
      '{"a":"}{\\"\\\\"}\n{"b":"\\\\"}',
      ['1.1 {"a":"}{\\"\\\\"}', '2.1 {"b":"\\\\"}'],
    ],
    ['nested', '{"a":{"b":[{}]}}\n{}', ['1.1 {"a":{"b":[{}]}}', '2.1 {}']],
    ['none', '', []],
    ['blanks only', ' \n\t', []],
  ])('are found with the line on which they begin: %s', (_name, text, expected) => {
    expect(lines(text)).toEqual(expected);
    expect(lines(text, 1)).toEqual(expected);
  });

  test('are those of the oracle, in whatever pieces and layout the file comes', () => {
    const layout = fc.record({
      rows: fc.array(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue()), { maxLength: 6 }),
      space: fc.constantFrom(undefined, 1),
      between: fc.constantFrom('', '\n', '\r\n', '\n\n ', ' '),
      pieceBytes: fc.integer({ min: 1, max: 60 }),
    });
    fc.assert(
      fc.property(layout, ({ rows, space, between, pieceBytes }) => {
        const text = rows.map((row) => JSON.stringify(row, null, space)).join(between);
        const starts = [...objectsAt('k', text)].map(({ start }) => text.slice(0, start).split('\n').length);
        expect(cut(text, pieceBytes).map(({ line }) => line)).toEqual(starts);
        expect(cut(text, pieceBytes).map(({ bytes }) => JSON.parse(Buffer.from(bytes).toString()) as unknown)).toEqual(
          rows.map((row) => JSON.parse(JSON.stringify(row)) as unknown),
        );
      }),
    );
  });

  test.each(['oops', '[{}]', '{"a":1', '{"a":1}x', '"a"'])('are not read from what no COPY loads: %s', (text) => {
    expect(() => cut(text)).toThrow(UnreadableContent);
  });

  test('of more than any row can have are refused before they fill the memory', () => {
    const objects = new RootObjects();
    const piece = Buffer.alloc(8 * 1024 * 1024, 'x');
    expect(() => {
      Array.from(objects.push(Buffer.from('{"a":"')));
      for (let i = 0; i < 10; i += 1) Array.from(objects.push(piece));
    }).toThrow('too large');
  });
});

describe('the members of an object', () => {
  const read = (text: string, ignoreCase = false) => Object.fromEntries(readMembers(Buffer.from(text), ignoreCase));

  test('are as COPY takes them: texts unescaped, numbers as they are written, null as nothing', () => {
    const text =
      '{ "a" : "x\\u00e9\\"\\/" , "b":1.50,"c":12345678901234567890,"d":true,"e":null,"f":{"g":[1,"}"]},"h":-1e3 }';
    expect(read(text)).toEqual({
      a: 'xé"/',
      b: '1.50',
      c: '12345678901234567890',
      d: 'true',
      e: null,
      f: '{"g":[1,"}"]}',
      h: '-1e3',
    });
  });

  test('have names whose case counts or not, and may be named like parts of every object', () => {
    expect(read('{"UserId":1,"userID":2}')).toEqual({ UserId: '1', userID: '2' });
    expect(read('{"UserId":1,"__proto__":"x"}', true)).toEqual(Object.fromEntries([['userid', '1'], ['__proto__', 'x']])); // prettier-ignore
    expect(read('{}')).toEqual({});
  });

  test('are those of the platform’s parser', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' })), (row) => {
        const text = JSON.stringify(row);
        expect(read(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  test.each(['{"a"', '{"a":}', '{"a":1 2}', '{1:2}', '{"a":"\\q"}'])(
    'of what is no object end in an error: %s',
    (text) => {
      expect(() => read(text)).toThrow(UnreadableContent);
    },
  );
});

describe('the look before an object is read', () => {
  test('passes every object that has the value, however it is escaped', () => {
    const value = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(value, fc.func(fc.boolean()), (key, escapes) => {
        const written = [...key.split('')]
          .map((unit, index) =>
            escapes(index)
              ? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
              : JSON.stringify(unit).slice(1, -1).replace('/', '\\/'),
          )
          .join('');
        const bytes = Buffer.from(`{"song_id":"${written}"}`);
        expect(mayContain(bytes, needlesOf([key]))).toBe(true);
      }),
    );
  });

  test('passes few others', () => {
    const bytes = Buffer.from('{"song_id":"SOAAA"}');
    expect(mayContain(bytes, needlesOf(['SOBBB']))).toBe(false);
    expect(mayContain(bytes, needlesOf(['SOBBB', 'SOAA']))).toBe(true);
    expect(needlesOf(['é"\\'])).toEqual([]);
    expect(needlesOf(['a', 'é'])).toEqual([]);
  });
});

test('ids are compared without the blanks behind them, and as they are written', () => {
  const take = (text: string, id: string): boolean =>
    userSearch(id).take({ bytes: Buffer.from(text), line: 1, nth: 1 }) !== undefined;
  const event = (userId: string): string => `{"TS":1,"sessionid":"1 ","itemInSession":2,"userID":${userId}}`;
  expect(['26', '"26"', '"26  "', '"\\u0032\\u0036"'].map((id) => take(event(id), '26'))).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect(['260', '26.0', '" 26"', 'null', '""'].map((id) => take(event(id), '26'))).toEqual([false, false, false, false, false]); // prettier-ignore
  const song = songSearch('S', 'A').take({ bytes: Buffer.from('{"song_id":"T","artist_id":"A "}'), line: 1, nth: 1 });
  expect(song).toMatchObject({ songId: 'T', artistId: 'A' });
});
