import { EXAMPLE_LENGTH, NAMED_OF_A_FILE, scanFields } from '../../src/objects/fields.ts';
import { readLoadFiles, readSources } from '../../src/sql/files.ts';
import fc from '../support/fast-check.ts';

const rules = {
  fields: { loaded: { id: ['string' as const], size: ['number' as const, 'null' as const] }, leftOut: ['Note'] },
  rowKey: { ignoreCase: false },
};
const scan = (text: string) => scanFields(text, rules);
const row = (more: object): string => JSON.stringify({ id: 'a', size: 1, ...more });
const [a, b] = [row({}), row({ size: null, Note: { any: 'thing' } })];

describe('the fields of a file', () => {
  test.each([
    ['what is loaded, and what is known and left out', `${a}\n${b}`],
    ['rows one after the other without line ends, behind a byte order mark', `\uFEFF${a}${b}`],
    ['nothing', ''],
    ['no JSON', 'ts,id\n1,2'],
    ['a list', `[${a}]`],
    ['a row that is cut off before a field ends', `${a}\n{"id": "a", "si`],
  ])('%s: nothing is told', (_, text) => {
    expect(scan(text)).toEqual({ findings: [], unnamed: 0 });
  });

  test('one that is new is told with its types and the first value that says something', () => {
    const text = [row({ email: null }), row({ email: 'x@y' }), row({ email: [1] })].join('\n');
    expect(scan(text).findings).toEqual([
      { kind: 'new', field: 'email', types: ['null', 'string', 'array'], example: '"x@y"' },
    ]);
  });

  test('one that a complete row lacks, and one of another type, are told', () => {
    expect(scan('{"size": true}\n{"id":').findings).toEqual([
      { kind: 'type', field: 'size', types: ['boolean'], example: 'true' },
      { kind: 'missing', field: 'id', types: [] },
    ]);
  });

  test('case counts unless COPY ignores it', () => {
    const text = '{"ID": "a", "size": 1}';
    expect(scan(text).findings.map(({ kind, field }) => `${kind} ${field}`)).toEqual(['new ID', 'missing id']);
    expect(scanFields(text, { ...rules, rowKey: { ignoreCase: true } }).findings).toEqual([]);
  });

  test('one that a row may lack is not missed', () => {
    const loaded = { ...rules.fields.loaded, id: ['string' as const, 'absent' as const] };
    expect(scanFields('{"size": 1}', { ...rules, fields: { ...rules.fields, loaded } }).findings).toEqual([]);
  });

  test('of ten thousand some are named and the others counted, also where the row is cut off', () => {
    const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`f${n}`, n]));
    const { findings, unnamed } = scan(row(many));
    expect([findings.length, unnamed]).toEqual([NAMED_OF_A_FILE, 10_000 - NAMED_OF_A_FILE]);
    const cut = scan(row(many).slice(0, 65_536));
    expect(cut.findings).toHaveLength(NAMED_OF_A_FILE);
    expect(cut.unnamed).toBeGreaterThan(4000);
  });

  test('a value a thousand objects deep, or twenty thousand, is one field', () => {
    for (const depth of [1000, 20_000]) {
      const text = `{"id": "a", "size": 1, "deep": ${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}}\n${row({ b: 1 })}`;
      expect(scan(text).findings.map(({ field, types }) => `${field} ${types.join()}`)).toEqual([
        'deep object',
        'b number',
      ]);
    }
  });

  test.each([
    ['a name of a thousand characters', 'x'.repeat(1000), `${'x'.repeat(63)}…`],
    ['an empty name', '', '""'],
    ['NUL, controls and line ends', 'a\0b\u001b\n', 'a\uFFFDb\uFFFD\uFFFD'],
    ['half a surrogate pair and a noncharacter', '\ud800\uffff', '\uFFFD\uFFFD'],
    ['characters of four bytes', '🎵'.repeat(70), `${'🎵'.repeat(63)}…`],
    ['quotes and SQL', `'; DROP TABLE x; --"`, `'; DROP TABLE x; --"`],
    ['the name of a prototype', '__proto__', '__proto__'],
  ])('%s is kept as what COPY takes', (_, name, kept) => {
    const text = `{"id": "a", "size": 1, ${JSON.stringify(name)}: ${JSON.stringify('v'.repeat(1000))}}`;
    const [finding] = scan(text).findings;
    expect(finding?.field).toBe(kept);
    expect(finding?.example).toHaveLength(EXAMPLE_LENGTH);
  });

  test('whatever a text is, or wherever it is cut, the scan ends without an error and within its bounds', () => {
    const json = fc.json({ maxDepth: 3 }).map((value) => `{"id": "a", "more": ${value}}`);
    const noisy = fc.array(fc.oneof(json, fc.string({ unit: 'binary' }), fc.constantFrom('{"', '"', '\\', '{', '[', ':', ','))).map((parts) => parts.join('')); // prettier-ignore
    fc.assert(
      fc.property(noisy, fc.nat(), (text, at) => {
        for (const part of [text, text.slice(0, at % (text.length + 1))]) {
          const { findings } = scan(part);
          expect(findings.length).toBeLessThanOrEqual(NAMED_OF_A_FILE + 4);
          for (const { field, example = '' } of findings) {
            expect(Array.from(field).length).toBeLessThanOrEqual(64);
            expect(Array.from(example).length).toBeLessThanOrEqual(EXAMPLE_LENGTH);
          }
        }
      }),
    );
  });

  test('what a hostile beginning costs is little more than what a plain one costs', () => {
    const size = 65_536;
    const hostile = [
      `{"a": ${'['.repeat(size)}`,
      `{"${'\\"'.repeat(size / 2)}`,
      '{"a":"'.repeat(size / 6),
      `{${'"a":1,'.repeat(size / 6)}`,
      ' '.repeat(size),
      '{}'.repeat(size / 2),
    ];
    const started = performance.now();
    for (const text of hostile) scan(text.slice(0, size));
    // Far above what it takes, far below what anything quadratic would.
    expect(performance.now() - started).toBeLessThan(3000);
  });
});

describe.each(readSources())('the source $name', (source) => {
  test('expects exactly the fields that COPY stages, counts each of them, and leaves out others', () => {
    const files = readLoadFiles();
    const created = files[source.steps.find((step) => step.endsWith(`-stage-create-${source.name}`)) ?? ''] ?? '';
    const columns = [...created.matchAll(/^ {2}(\w+) /gm)].map(([, column]) => column);
    const loaded = Object.keys(source.fields.loaded);
    const fold = (name: string): string => (source.rowKey.ignoreCase ? name.toLowerCase() : name);
    expect(loaded.map(fold).sort()).toEqual(columns.sort());
    const counted = files[source.steps.find((step) => step.endsWith('-count-columns')) ?? ''] ?? '';
    expect([...counted.matchAll(/WHEN '(\w+)' THEN t\.\1$/gm)].map(([, column]) => column).sort()).toEqual(columns);
    expect([...counted.matchAll(/SELECT '(\w+)'(?: AS column_name)?$/gm)].map(([, column]) => column).sort()).toEqual(columns); // prettier-ignore
    expect([...counted.matchAll(/COUNT\(\w\.(\w+)\) AS \1\b/g)].map(([, column]) => column).sort()).toEqual(columns);
    for (const field of Object.keys(source.rowKey.fields)) expect(loaded).toContain(field);
    expect(source.fields.leftOut.filter((field) => loaded.map(fold).includes(fold(field)))).toEqual([]);
  });
});
