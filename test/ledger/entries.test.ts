import { sightingsOf } from '../../src/ledger/sightings.ts';
import type { FieldFinding } from '../../src/objects/fields.ts';
import { timestampText } from '../../src/sql/timestamp-text.ts';
import fc from '../support/fast-check.ts';
import { IDS_PER_QUERY, ledgerFile, readLedgerRows } from '../../src/ledger/entries.ts';
import { manifestFile } from '../../src/objects/manifest.ts';
import { render } from '../../src/sql/template.ts';
import { readLoadFiles, readSqlFiles } from '../../src/sql/files.ts';
import { candidate } from '../support/wire-shapes.ts';

const hostile = [
  'plain',
  'a "quoted" name',
  "it's",
  'back\\slash',
  'new\nline',
  'tab\there',
  'a,b|c;--',
  '{"not":"json"}',
  'übertragen 日本 🎵',
  '\u2028',
].map((name) => `log_data/${name}.json`);

describe('the file of ledger rows', () => {
  const lines = (text: string) => text.trimEnd().split('\n');

  test('is one line of JSON per object, with every column of its staging table that is known', () => {
    const text = ledgerFile([
      { object: candidate({ versionId: 'v1', sequencer: 'A1', sizeBytes: 240 }), result: { status: 'loaded' } },
      {
        object: candidate({ key: 'log_data/b.json' }),
        result: { status: 'quarantined', code: '1207', reason: 'Invalid digit', line: 3, columnName: 'ts' },
      },
    ]);
    expect(text.endsWith('}\n')).toBe(true);
    expect(lines(text).map((line) => JSON.parse(line) as unknown)).toEqual([
      {
        object_id: '20524a7f9a38d25d0ea9636949e50064',
        bucket: 'sparkify-landing',
        key: 'log_data/a.json',
        etag: 'e1',
        version_id: 'v1',
        sequencer: 'A1',
        size_bytes: 240,
        event_time: 1000,
        source: 'events',
        replayed: false,
        status: 'loaded',
      },
      expect.objectContaining({
        key: 'log_data/b.json',
        status: 'quarantined',
        code: '1207',
        reason: 'Invalid digit',
        line: 3,
        column_name: 'ts',
      }),
    ]);
  });

  test('names only columns of staging_objects', () => {
    const object = candidate({ versionId: 'v', sequencer: 'A' });
    const result = { status: 'quarantined', code: 'c', reason: 'r', line: 1, columnName: 'n' } as const;
    const finding: FieldFinding = { kind: 'new', field: 'f', types: ['string'], example: '"v"' };
    const scan = { findings: [finding], unnamed: 0 };
    const lines = ledgerFile([{ object, result }], sightingsOf([{ object, scan }]))
      .trim()
      .split('\n');
    const names = [...new Set(lines.flatMap((line) => Object.keys(JSON.parse(line) as object)))];
    const ddl = readLoadFiles()['common/02-stage-create-objects'] ?? '';
    const columns = [...ddl.matchAll(/^ {2}(\w+) +[A-Z]/gm)].map(([, name]) => name);
    expect(names.sort()).toEqual(columns.sort());
  });

  test.each(hostile)('keeps the key %j on one line', (key) => {
    const written = lines(ledgerFile([{ object: candidate({ key }), result: { status: 'loaded' } }]));
    expect(written).toHaveLength(1);
    expect(JSON.parse(written[0]!)).toMatchObject({ key });
  });

  test('cuts a reason to the bytes of its column, at a whole character', () => {
    fc.assert(
      fc.property(fc.constantFrom('x', 'é', '日', '🎵'), fc.integer({ min: 0, max: 3 }), (letter, shift) => {
        const reason = 'x'.repeat(shift) + letter.repeat(3000);
        const result = { status: 'vanished', code: 'NoSuchKey', reason } as const;
        const row = JSON.parse(ledgerFile([{ object: candidate(), result }])) as { reason: string };
        const bytes = Buffer.byteLength(row.reason);
        expect(reason.startsWith(row.reason)).toBe(true);
        expect(bytes).toBeLessThanOrEqual(2048);
        expect(bytes).toBeGreaterThan(2048 - 4);
      }),
    );
  });

  test('is empty for no objects', () => {
    expect(ledgerFile([])).toBe('');
  });
});

describe('the answer of the ledger', () => {
  const row = {
    object_id: 'o1',
    status: 'loaded',
    etag: 'e1',
    sequencer: 'A',
    event_time_ms: 1543611845796,
    read_after_ms: 1543611850000,
    recorded_at_ms: 1543611855000,
  };

  const asked = { object_id: null, status: 'asked', batch_no: 41 };

  test('is read by object id, with the newest batch it knows', () => {
    const times = { eventTimeMs: 1543611845796, readAfterMs: 1543611850000, recordedAtMs: 1543611855000 };
    const { entries, newestBatch } = readLedgerRows([
      row,
      { ...row, object_id: 'o2', sequencer: null, etag: null },
      asked,
    ]);
    expect(newestBatch).toBe(41);
    expect(entries).toEqual(
      new Map([
        ['o1', { status: 'loaded', etag: 'e1', sequencer: 'A', ...times }],
        ['o2', { status: 'loaded', etag: '', ...times }],
      ]),
    );
  });

  test('may give numbers as text', () => {
    expect(readLedgerRows([{ ...row, event_time_ms: '1000' }, asked]).entries.get('o1')?.eventTimeMs).toBe(1000);
  });

  test('with a status this version does not know is refused', () => {
    expect(() => readLedgerRows([{ ...row, status: 'archived' }])).toThrow(
      'the ledger has status "archived", which this version does not know',
    );
  });

  test('without the newest batch is refused', () => {
    expect(() => readLedgerRows([row])).toThrow('the ledger did not say which batch is the newest');
  });
});

test('a question about as many ids as one carries fits the Data API', () => {
  const question = render(readSqlFiles('report')['check-ledger'] ?? '', {
    identifiers: { schema: 's'.repeat(127) },
    literals: {
      object_ids: Array.from({ length: IDS_PER_QUERY }, () => 'f'.repeat(32)),
      since: timestampText(Date.now()),
    },
  });
  expect(Buffer.byteLength(question.text)).toBeLessThan(100_000);
});

describe('a manifest', () => {
  test('makes every object mandatory', () => {
    expect(JSON.parse(manifestFile([candidate(), candidate({ key: 'b' })]))).toEqual({
      entries: [
        { url: 's3://sparkify-landing/log_data/a.json', mandatory: true },
        { url: 's3://sparkify-landing/b', mandatory: true },
      ],
    });
  });

  test.each(hostile)('names %j as it is stored', (key) => {
    const { entries } = JSON.parse(manifestFile([{ bucket: 'b', key }])) as { entries: { url: string }[] };
    expect(entries.map(({ url }) => url)).toEqual([`s3://b/${key}`]);
  });
});
