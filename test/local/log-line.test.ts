import { describeLogLine } from '../../src/local/log-line.ts';

const committed = (counts: Record<string, number>): string | undefined =>
  describeLogLine(JSON.stringify({ level: 'INFO', message: 'batch committed', ...counts }), { healed: 'plays healed' });

test('a batch is told with its numbers, each noun as its number wants it', () => {
  const one = { objectsLoaded: 1, rowsMerged: 1, rowsHealed: 1, rowsRejected: 1 };
  expect(committed({ batchNo: 1000, ...one, objectsQuarantined: 1, objectsVanished: 0 })).toBe(
    'batch 1,000: 1 object, 1 row, 1 quarantined, plays healed: 1, 1 row rejected',
  );
  expect(committed({ batchNo: 2, objectsLoaded: 2, rowsMerged: 0, objectsQuarantined: 0, rowsHealed: 0 })).toBe(
    'batch 2: 2 objects, 0 rows',
  );
});
