import { findPerhapsUntold } from '../../src/load/untold.ts';

const FIRST = 1_543_611_845_000;
const message = (times: number) => ({
  messageId: 'm',
  body: '',
  attributes: {
    ApproximateReceiveCount: String(times),
    ApproximateFirstReceiveTimestamp: String(FIRST),
  },
});
const waiting = new Map([['m', new Set(['new', 'old', 'unknown'])]]);
const recorded = new Map([
  ['new', FIRST + 5000],
  ['old', FIRST - 3_600_000],
  ['another message’s', FIRST + 5000],
]);

describe('the objects whose batches may never have been announced', () => {
  test('are those of a message that comes again which the ledger recorded since it was first received', () => {
    expect(findPerhapsUntold([message(2)], waiting, recorded, '')).toEqual({
      objectIds: ['new'],
      sinceMs: FIRST - 60_000,
    });
  });

  test('are none of a message that comes for the first time, such as a replay', () => {
    expect(findPerhapsUntold([message(1)], waiting, recorded, '').objectIds).toEqual([]);
  });

  test('are those of a message in a part of its delivery, since the whole may have committed them', () => {
    expect(findPerhapsUntold([message(1)], waiting, recorded, 'l').objectIds).toEqual(['new']);
  });

  test('are none of a message that waited long for the warehouse, whose objects were loaded before', () => {
    const before = new Map([['new', FIRST - 61_000]]);
    expect(findPerhapsUntold([message(300)], waiting, before, '').objectIds).toEqual([]);
  });

  test('may be recorded by a clock that is a minute behind that of the queue', () => {
    const behind = new Map([['new', FIRST - 60_000]]);
    expect(findPerhapsUntold([message(2)], waiting, behind, '').objectIds).toEqual(['new']);
  });

  test('are all that the ledger knows where the queue does not say when a message first came', () => {
    const untimed = { messageId: 'm', body: '', attributes: { ApproximateReceiveCount: '2' } };
    expect(findPerhapsUntold([untimed], waiting, recorded, '')).toEqual({ objectIds: ['new', 'old'], sinceMs: 0 });
  });
});
