import type { Row, Warehouse } from '../../src/ports.ts';
import { LoaderError } from '../../src/errors.ts';
import { readLedgerEntries } from '../../src/ledger/reports.ts';
import { readSqlFiles } from '../../src/sql/files.ts';

const ids = Array.from({ length: 6000 }, (_, n) => n.toString(16).padStart(32, '0'));

/** Asks about all ids of a warehouse that answers each question as it is told, and gives what it was asked. */
function asking(answer: (asked: string[], question: number) => Promise<Row[]>) {
  const questions: string[][] = [];
  const query = (_name: string, text: string): Promise<Row[]> => {
    expect(Buffer.byteLength(text)).toBeLessThan(100_000);
    const asked = text.match(/\b[0-9a-f]{32}\b/g) ?? [];
    return answer(asked, questions.push(asked));
  };
  const warehouse = { query } as Partial<Warehouse> as Warehouse;
  const deps = { warehouse, reports: readSqlFiles('report'), schema: 'sparkify', deadlineMs: () => 0 };
  return { questions, answer: readLedgerEntries(ids, deps) };
}

const row = (id: string | undefined): Row => ({
  object_id: id ?? '',
  status: 'loaded',
  etag: 'e',
  sequencer: null,
  event_time_ms: 1,
});

test('every id is asked about once, in questions below 100 KB, and the answers are put together', async () => {
  const { questions, answer } = asking((asked) =>
    Promise.resolve([row(asked[0]), { status: 'asked', batch_no: Number.parseInt(asked[0] ?? '', 16) + 7 }]),
  );
  const { entries, newestBatch } = await answer;
  // The oldest of the answers: what came behind it may be missing in one of them.
  expect(newestBatch).toBe(7);
  expect([...entries.keys()]).toEqual([ids[0], ids[2500], ids[5000]]);
  expect(questions.flat()).toEqual(ids);
});

test('when one of several questions fails, so does the whole, but not before the others have ended', async () => {
  const error = new LoaderError('connection', 'the warehouse hung up', 'Try again');
  let ended = 0;
  const { answer } = asking(async (asked, question) => {
    if (question === 1) throw error;
    await new Promise((resolve) => setTimeout(resolve, 20));
    ended += 1;
    return [row(asked[0])];
  });
  await expect(answer).rejects.toBe(error);
  expect(ended).toBe(2);
});
