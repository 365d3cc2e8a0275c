import { uniform, pick, type Random } from '../../../../src/local/random.ts';

/** Texts of the kinds that two readers of JSON have been seen to differ about, good and bad. */
const values = (
  'NaN nan -NaN Infinity -inf iNfInItY 0x1F +1 01 -0 0 1. .5 1e5 1E-7 1.0e+2 1e999 1e-400 123456789012345678901234567890 ' +
  '0.00001 12345678901234567890.5 true tRue false null nul undefined "" "a" "\\u0000" "\\\\u0000" "\\ud800" "\\udc00\\ud800" ' +
  '"\\ud83d\\ude00" "\\u00e9" "\\x" "\\/" "nan" "NaN," "Infinity" "1e-05" [] {} [1,] [,1] [1,,2] [[]] [NaN] {"a":1,} {"id":9} ' +
  '\'x\' /**/1 1//x - 1e 2003.0 true, {"":1} "it\'s" "é日本😀" [1,{"b":[null]}] "  " "12" "+12"'
).split(' ');
const keys =
  '"id" "name" "num" "Id" "ID" "NaMe" "x" "" "\\u0069d" "\\u0000" "i\\u0064" "é" "\\ud800" id \'id\' "__proto__"'.split(
    ' ',
  );
const gaps = Array.from(' \t\r\n\v\f\u00a0\ufeff\u2028\0\x1c,');
const bytes = [
  0, 9, 10, 11, 12, 13, 32, 34, 39, 44, 47, 58, 91, 92, 93, 123, 125, 0x80, 0xa0, 0xa4, 0xc3, 0xed, 0xef, 0xff,
];

/** Texts that the engine's parser is known to let pass. */
const lenient = 'NaN nan -NaN inf -Infinity [NaN] [1,] {"a":1,} "\\u0000"'.split(' ');
const plain = '1 12 "abc" null 1.5 "é" [1,2] {"y":1}'.split(' ');

/** One file's bytes: rows written at random with none, few or many of the flaws that readers differ about, some damaged once more. */
export function randomFile(random: Random): Buffer {
  const chance = (share: number): boolean => random() < share;
  const one = (items: readonly string[]): string => pick(random, items);
  const flaws = pick(random, [0, 0.04, 0.12, 0.5]);
  const gap = (): string => (chance(flaws / 4) ? one(gaps) : '');
  const value = (): string => one(chance(flaws) ? (chance(0.4) ? lenient : values) : plain);
  const member = (): string => {
    const key = one(chance(flaws) ? keys : ['"id"', '"name"', '"num"', '"x"', '"x"']);
    return [key, ':', key === '"id"' && !chance(flaws) ? '7' : value()].join(gap());
  };
  const object = (): string => {
    const members = Array.from({ length: uniform(random, 5) }, member);
    const depth = 300 + uniform(random, 300);
    if (chance(0.02)) members.push(`"x":${'['.repeat(depth)}${']'.repeat(depth)}`);
    return `{${gap()}${members.join(`,${gap()}`)}${chance(flaws / 10) ? ',' : ''}${gap()}}`;
  };
  const root = (): string => (chance(flaws / 5) ? one([...values, '[{"id":1}]', ',', '}', '']) : object());
  const parts = Array.from({ length: uniform(random, 4) }, () => gap() + root() + gap());
  const text = parts.join(chance(0.85) ? '\n' : one(['', ' ', '\r\n', '\r', ',', '\n\n']));
  return chance(0.15) ? damaged(Buffer.from(text), random) : Buffer.from(text);
}

/** The same bytes cut, with one byte changed, put in or left out, or a piece of them said twice. */
function damaged(text: Buffer, random: Random): Buffer {
  const at = uniform(random, text.length + 1);
  const byte = Buffer.of(pick(random, bytes));
  const [before, after] = [text.subarray(0, at), text.subarray(at)];
  switch (uniform(random, 5)) {
    case 0:
      return before;
    case 1:
      return Buffer.concat([before, byte, after]);
    case 2:
      return Buffer.concat([before, byte, after.subarray(1)]);
    case 3:
      return Buffer.concat([before, after.subarray(1)]);
    default:
      return Buffer.concat([before, text.subarray(Math.floor(at / 2), at), after]);
  }
}
