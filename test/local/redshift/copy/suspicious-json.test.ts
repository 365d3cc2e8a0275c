import { SuspiciousJson } from '../../../../src/local/redshift/copy/suspicious-json.ts';

/** Whether a text is suspicious, looked at in chunks of so many bytes. */
function isSuspicious(text: string, chunkBytes: number): boolean {
  const doubts = new SuspiciousJson();
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += chunkBytes) doubts.look(bytes.subarray(at, at + chunkBytes));
  return doubts.found;
}

const row = (bytes: number): string => `{"x":"${'y'.repeat(bytes - 8)}"}\n`;
const LIMIT = 4_000_000;

describe.each([1000, 65_536, 1_000_001, 3_999_999, 4_000_001, 100_000_000])('in chunks of %i bytes', (chunkBytes) => {
  test.each([
    ['rows of the largest size', row(LIMIT).repeat(3), false],
    ['many small rows', row(1000).repeat(10_000), false],
    ['a row that is one byte too large', row(LIMIT + 1), true],
    ['one between others', row(1000) + row(LIMIT + 1) + row(1000), true],
    ['one behind the largest', row(LIMIT) + row(LIMIT + 1), true],
    ['one that does not end', `${row(10)}${'x'.repeat(LIMIT + 1)}`, true],
  ])('%s', (_what, text, expected) => {
    expect(isSuspicious(text, chunkBytes)).toBe(expected);
  });
});

describe.each([7, 64, 1000, 1_000_000])('in chunks of %i bytes', (chunkBytes) => {
  const nested = (levels: number): string => `{"x":${'['.repeat(levels)}${']'.repeat(levels)}}\n`;
  test.each([
    ['many rows with a few brackets', nested(3).repeat(500), false],
    ['rows with as many brackets as are taken', nested(250).repeat(3), false],
    ['a row that may be nested too deep', nested(3) + nested(251), true],
    ['objects, too', `${'{"x":'.repeat(251)}1${'}'.repeat(251)}`, true],
    ['brackets that follow each other', `{"x":[${'[],'.repeat(260)}1]}\n`, true],
  ])('%s', (_what, text, expected) => {
    expect(isSuspicious(text, chunkBytes)).toBe(expected);
  });
});

describe.each([50_000, 65_536, 200_000])('in chunks of %i bytes', (chunkBytes) => {
  // The search goes through windows of 64 KiB: what lies across the edge of one is in neither alone.
  const around = Array.from({ length: 24 }, (_, i) => 65_536 - 18 + i);
  const at = (start: number, value: string): string => `{"x":"${'y'.repeat(start - 6)}","z":${value}}\n`;

  test.each(['NaN', 'nan', '-Infinity', 'inf', 'Infinity'])('%s is found wherever it lies', (value) => {
    expect(around.filter((start) => !isSuspicious(at(start, value), chunkBytes))).toEqual([]);
  });

  test.each(['"NaN"', '"x NaN,"', '"banana"', '"info"', 'null'])('%s is nothing to be found', (value) => {
    expect(around.filter((start) => isSuspicious(at(start, value), chunkBytes))).toEqual([]);
  });
});
