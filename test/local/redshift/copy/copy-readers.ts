import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { separateRows } from '../../../../src/local/redshift/copy/diagnose.ts';
import { readQuickly } from '../../../../src/local/redshift/copy/quick-read.ts';
import {
  convertedRows,
  isContentError,
  judgedRows,
  jsonLines,
  type LoadColumn,
} from '../../../../src/local/redshift/copy/exact-read.ts';
import { parseCopy } from '../../../../src/local/redshift/copy/statement.ts';
import { SuspiciousJson } from '../../../../src/local/redshift/copy/suspicious-json.ts';
import { spoolObjects, type Spool } from '../../../../src/local/redshift/copy/spool.ts';
import { tokenize } from '../../../../src/local/redshift/sql/tokens.ts';
import type { CopyStatement } from '../../../../src/local/redshift/types.ts';
import { seededRandom } from '../../../../src/local/random.ts';
import { integer, varchar } from './copy-fixture.ts';
import { randomFile } from './copy-mutations.ts';

/** What comparing the two readers of COPY showed. `failure` is the first file of which they differ, and how. */
export type Comparison = { files: number; readQuickly: number; failure: string | undefined };

const columns: LoadColumn[] = [
  { column: { name: 'id', type: integer, notNull: false }, path: ['id'] },
  { column: { name: 'name', type: varchar(9), notNull: false }, path: ['name'] },
  { column: { name: 'num', type: { name: 'double precision' }, notNull: false }, path: ['num'] },
];
const statement = (json: string) => parseCopy(tokenize(`COPY t FROM 's3://b/k' IAM_ROLE default JSON '${json}'`));
const variants: [CopyStatement, LoadColumn[]][] = [
  [statement('auto'), columns],
  [statement('auto ignorecase'), columns],
  [statement('s3://b/paths'), columns.map((column, i) => (i === 1 ? { ...column, path: ['x', 0] } : column))],
];

/** As many good files are read in one go: their rows are compared all the same. */
const goodTogether = 20;

/**
 * Gives random files to both readers until one is judged otherwise, or there were enough, or the time is up: all together
 * to the exact one, to the quick one the good ones some at a time and the bad ones each alone. Of what the quick one does
 * not leave to the other, both must find every row good, with the same values.
 */
export async function compareReaders(settings: { seed: number; runs: number; timeMs?: number }): Promise<Comparison> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const work = await instance.connect();
  const directory = mkdtempSync(path.join(tmpdir(), 'readers-'));
  const endsAt = performance.now() + (settings.timeMs ?? Infinity);
  const random = seededRandom(settings.seed);
  const result: Comparison = { files: 0, readQuickly: 0, failure: undefined };
  try {
    while (result.files < settings.runs && performance.now() < endsAt && result.failure === undefined) {
      const files = Array.from({ length: Math.min(500, settings.runs - result.files) }, () => randomFile(random));
      const [copy, loaded] = variants[Math.floor(random() * variants.length)]!;
      await compare(files, loaded, copy, { work, directory }, result);
    }
    return result;
  } finally {
    work.closeSync();
    instance.closeSync();
    rmSync(directory, { recursive: true });
  }
}

async function compare(
  files: Buffer[],
  loaded: LoadColumn[],
  copy: CopyStatement,
  bench: Bench,
  result: Comparison,
): Promise<void> {
  const exact = await readExactly(files, loaded, copy, bench);
  const judge = async (some: number[]): Promise<void> => {
    const rows = await quickRows(
      some.map((i) => files[i]!),
      loaded,
      copy,
      bench,
    );
    if (rows === undefined && some.length > 1) {
      for (const one of some) await judge([one]);
      return;
    }
    result.files += some.length;
    if (rows === undefined) return;
    result.readQuickly += some.length;
    const [one, other] = [JSON.stringify(rows), JSON.stringify(some.flatMap((i) => exact[i]))];
    if (one === other) return;
    const texts = some.map((i) => JSON.stringify(files[i]?.toString('latin1')));
    result.failure ??= `${copy.json.kind}: ${texts.join(', ')} is ${one} read quickly, ${other} read exactly`;
  };
  const isGood = (i: number): boolean => exact[i]!.every((row) => Array.isArray(row));
  const undoubted = [...files.keys()].filter((i) => !isDoubtful(files[i]!));
  result.files += files.length - undoubted.length;
  const good = undoubted.filter(isGood);
  for (let i = 0; i < good.length; i += goodTogether) await judge(good.slice(i, i + goodTogether));
  for (const i of undoubted) if (!isGood(i)) await judge([i]);
}

type Bench = { work: DuckDBConnection; directory: string };
const signal = new AbortController().signal;

/** What `spoolObjects` would say of the file, which is left to the exact reader then. */
function isDoubtful(file: Buffer): boolean {
  const doubts = new SuspiciousJson();
  doubts.look(Buffer.concat([file, Buffer.from('\n')]));
  return doubts.found;
}

function spooled(files: Buffer[], { directory }: Bench): Promise<Spool> {
  const objects = {
    read: ({ key }: { key: string }) => Promise.resolve({ sizeBytes: 0, body: files[Number(key)] ?? Buffer.alloc(0) }),
    list: () => Promise.resolve([]),
  };
  const list = files.map((_, key) => ({ address: { bucket: 'b', key: String(key) }, mandatory: true }));
  return spoolObjects(list, path.join(directory, 'spool.json'), { codec: 'none', objects, signal });
}

/** The rows of files, undefined when the quick reader leaves them to the exact one. */
async function quickRows(
  files: Buffer[],
  loaded: LoadColumn[],
  copy: CopyStatement,
  bench: Bench,
): Promise<unknown[] | undefined> {
  const spool = await spooled(files, bench);
  // A parse of the whole costs a fifth of planning the quick reading, which begins with the same.
  const parsed = bench.work
    .run(`SELECT max(strlen(json)) FROM ${jsonLines(spool.path)}`)
    .catch((error: unknown) => error);
  if (isContentError(await parsed)) return undefined;
  if (!(await readQuickly(spool, loaded, copy, { work: bench.work, into: 'quick', signal }))) return undefined;
  const rows = (await bench.work.runAndReadAll('SELECT * FROM quick')).getRowsJson();
  await bench.work.run('DROP TABLE quick');
  return rows;
}

/** The rows of each file, or the places and codes of its errors. */
async function readExactly(
  files: Buffer[],
  loaded: LoadColumn[],
  copy: CopyStatement,
  bench: Bench,
): Promise<unknown[][]> {
  const spool = await spooled(files, bench);
  const separatedPath = path.join(bench.directory, 'rows.json');
  const { origins, badRows, spellings } = await separateRows(spool, separatedPath, loaded, { copy, signal });
  const known = loaded.map(({ column, path: given }) => {
    const spelling = spellings.get(column.name);
    return { column, path: spelling === undefined ? given : [spelling] };
  });
  const judged = judgedRows(convertedRows(jsonLines(separatedPath), known, copy), known);
  const found: unknown[][] = files.map(() => []);
  for (const { file, line, code } of badRows) found[file]?.push({ line, code });
  const rows = (await bench.work.runAndReadAll(`SELECT * EXCLUDE (field) FROM (${judged}) ORDER BY n`)).getRowsJson();
  for (const [n, bad, code, ...values] of rows) {
    const file = origins.file[Number(n)];
    if (file !== undefined) found[file]?.push(bad === null ? values : { line: origins.line[Number(n)], code, bad });
  }
  return found;
}
