import { excerptOf } from '../../src/ui/excerpt.ts';
import { loadFileFinder, stageTimes } from '../../src/ui/load-file.ts';
import { notReadOnly } from '../../src/ui/read-only.ts';
import { Series } from '../../src/ui/series.ts';
import { readLoadFiles } from '../../src/sql/files.ts';
import { leaveOutLines, render } from '../../src/sql/template.ts';
import fc from '../support/fast-check.ts';

describe('a query of the page', () => {
  test.each([
    'SELECT 1',
    'select * from sparkify.songs;',
    'WITH t AS (SELECT 1 AS a) SELECT a FROM t -- and a comment; with a semicolon',
    'SELECT \'drop table songs; delete\' AS text, "update" FROM sparkify.songs',
    "SELECT /* insert */ CASE WHEN level = 'free' THEN 1 ELSE 2 END FROM sparkify.users",
    'SELECT created_at, updates, deleted FROM t',
  ])('is accepted: %s', (sql) => {
    expect(notReadOnly(sql)).toBeUndefined();
  });

  test.each([
    ['', /no statement/],
    ['-- nothing', /no statement/],
    ['DELETE FROM songs', /Only SELECT/],
    ['EXPLAIN SELECT 1', /Only SELECT/],
    ['SELECT 1; DELETE FROM songs', /one statement/],
    ["SELECT 1;\n'x'", /one statement/],
    ['SELECT * INTO t FROM songs', /INTO/],
    ['WITH t AS (DELETE FROM songs RETURNING *) SELECT * FROM t', /DELETE/],
    ['SELECT pg_terminate_backend(1)', /PG_TERMINATE_BACKEND/],
    ["SELECT set_config('a', 'b', false)", /SET_CONFIG/],
    ["SELECT 'a\\'; DELETE FROM songs; --'", /backslash/],
    ['SELECT $$a$$', /Dollar/],
    ["SELECT 'open", /not closed/],
    ['SELECT /* open', /not closed/],
    ['SELECT 1 /*/ ; DELETE FROM songs', /not closed/],
    ['SELECT 1 END', /END/],
  ])('is refused: %s', (sql, reason) => {
    expect(notReadOnly(sql)).toMatch(reason);
  });

  test('is refused whatever hides the word that changes something', () => {
    const filler = fc.constantFrom(' ', '\n', "'a''b'", '"c"', '-- d\n', '/* e */', 'f,', '(', ')');
    fc.assert(
      fc.property(
        fc.array(filler),
        fc.array(filler),
        fc.constantFrom('DELETE', 'Merge', 'drop', 'UNLOAD'),
        (a, b, word) => {
          expect(notReadOnly(`SELECT ${a.join(' ')} ${word} ${b.join(' ')}`)).toBeDefined();
        },
      ),
    );
  });
});

describe('the excerpt of a bad line', () => {
  const under = (text: string, line: number, column: string | null): string | undefined => {
    const found = excerptOf(text, line, column, true);
    return found?.caret ? found.text.slice(found.caret.from, found.caret.from + found.caret.length) : undefined;
  };

  test('marks the value of the column that COPY named', () => {
    expect(under('{"a": 1}\n{"userId": "x", "year": nineteen}', 2, 'year')).toBe('nineteen');
    expect(under('{"artist_name": "A", "sessionId": "12x"}', 1, 'sessionid')).toBe('"12x"');
  });

  test.each([
    ['{"page": "NextSong", "ts": oops}', 'o'],
    ['{"a": 1,}', '}'],
    ['{"a": [1, 2', '2'],
    ['{"a": 1} x', 'x'],
    ['', ''],
    ["{'a': 1}", "'"],
    ['{"a": 01}', '1'],
  ])('marks where %s ceases to be JSON', (line, mark) => {
    expect(under(line, 1, null)).toBe(mark);
  });

  test('is cut around the place, and a line that is not there has none', () => {
    const line = `{"long": "${'x'.repeat(500)}", "year": "bad"}`;
    const found = excerptOf(line, 1, 'year', true)!;
    expect(found.text.length).toBeLessThanOrEqual(120);
    expect(under(line, 1, 'year')).toBe('"bad"');
    expect(excerptOf('{"a": 1}', 2, null, true)).toBeNull();
    expect(excerptOf('{"a": 1}', 1, null, false)).toBeNull();
  });

  test('has no control character, and a caret within the text, whatever the line is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const found = excerptOf(text, 1, 'a', true);
        expect(found?.text ?? '').not.toMatch(/[\p{Cc}\u202e\u2028]/u);
        if (found?.caret)
          expect(found.caret.from + found.caret.length).toBeLessThanOrEqual(Math.max(1, found.text.length));
      }),
    );
  });

  test('takes JSON for what JSON.parse takes for it', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        expect(excerptOf(json.replaceAll('\n', ' '), 1, null, true)?.caret ?? null).toBeNull();
      }),
    );
  });
});

describe('the file of a statement that ran', () => {
  const templates = readLoadFiles();
  const files = Object.keys(templates).filter((name) => /\/\d+-/.test(name));
  const find = loadFileFinder(templates, ['bound']);

  test.each(files)('is found: %s', (file) => {
    for (const [leftOut, keyword] of [
      [[], '42'],
      [['bound'], '42'],
      [[], ''],
    ] as const) {
      const template = leaveOutLines(templates[file]!, leftOut);
      const text = template
        .replace(/:"(\w+)"/g, '"some_name"')
        .replace(/(?<!:):'(\w+)'/g, "'some''value'")
        .replace(/(?<![:\w']):([a-z_]\w*)/g, keyword);
      const { text: sql } = render(text, {});
      expect(find(sql)?.file).toBe(file);
    }
  });

  test('of something else is none', () => {
    expect(find('SELECT 1')).toBeUndefined();
  });

  test('gives the seconds of each stage, in their order', () => {
    const ran = (phase: string, stage: string, seconds: number) => ({
      phase,
      stage,
      seconds,
      file: 'f',
      sql: '',
      rows: null,
    });
    const statements = [
      ran('staging', 'copy', 1),
      ran('staging', 'stage', 2),
      ran('staging', 'copy', 3),
      ran('merging', 'lock', 4),
    ];
    expect(stageTimes(statements)).toEqual([
      { phase: 'staging', stage: 'stage', seconds: 2 },
      { phase: 'staging', stage: 'copy', seconds: 4 },
      { phase: 'merging', stage: 'lock', seconds: 4 },
    ]);
  });
});

describe('the points of the plots', () => {
  test('are a second each, with the percentiles of all objects and a few samples', () => {
    const series = new Series();
    for (let n = 1; n <= 100; n += 1) series.add(5400, 1, n / 10);
    series.add(5900, 2, null);
    series.add(7000, 3, 1);
    const [first, second] = series.takeChanged();
    expect(first).toMatchObject({ atMs: 5000, loaded: 100, notLoaded: 1, batches: 2, p50: 5, p95: 9.5 });
    expect(first?.samples).toHaveLength(24);
    expect([first?.samples[0], first?.samples.at(-1)]).toEqual([0.1, 10]);
    expect(second).toMatchObject({ atMs: 7000, loaded: 1, p50: 1, p95: 1 });
    expect(series.takeChanged()).toEqual([]);
    expect(series.freshnessSince(6000)).toEqual({ objects: 1, p50: 1, p95: 1 });
    expect(series.freshnessSince(8000)).toBeNull();
  });

  test('are kept for ten minutes', () => {
    const series = new Series();
    for (let n = 0; n < 700; n += 1) series.add(n * 1000, n, 1);
    expect(series.points()).toHaveLength(600);
    expect(series.points()[0]?.atMs).toBe(100_000);
  });
});
