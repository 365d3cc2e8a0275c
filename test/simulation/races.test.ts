import type { AroundStep } from '../support/load-steps.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { events, NOON } from './example-files.ts';
import { RACE_EXAMPLES } from './race-examples.ts';
import { playRace } from './races.ts';
import { write } from './write.ts';

/** What was selected for each range of a merge, once it has committed: the tables of its session say it. */
const RANGES = [1, 2, 3];

describe('races, by example', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await startTestStack({ eventSource: false });
  });
  afterAll(() => stack.stop());

  test.each(RACE_EXAMPLES)('$name', async (example) => {
    const { answer, steps } = await playRace(stack, example);
    expect(answer).toEqual(example.answer);
    expect(steps).toMatchObject(example.hits);
  });

  test('a merge of plays of 1970, of today and of 2099 has three ranges, whose rows lie apart', async () => {
    await stack.reset();
    const times = [0, NOON, NOON + 5 * 86_400_000, Date.UTC(2099, 0, 1)];
    const { key, rows } = events('a', ...times.map((ts, itemInSession) => ({ ts, itemInSession })));
    const record = await write(stack, key, rows.map((row) => JSON.stringify(row)).join('\n'), new Date());
    let bounds: string[] = [];
    let selected: unknown[] = [];
    const around: AroundStep = async (step, submit) => {
      const counts = RANGES.map((range) => `SELECT ${range} AS n, COUNT(*) AS plays FROM merge_songplays_${range}`);
      const question = { stage: 'record', name: 'ranges', text: counts.join(' UNION ALL '), givesRows: true } as const;
      if (step.name !== 'merge') return submit(step.statements);
      const merges = step.statements.filter(({ name }) => name.startsWith('events/78-merge-songplays'));
      bounds = merges.map(
        ({ text }) => /BETWEEN TIMESTAMP '(\S+) .* AND TIMESTAMP '(\S+) /.exec(text)?.slice(1).join(' ') ?? '',
      );
      const asked = await submit([...step.statements, question]);
      if (asked.kind === 'committed') selected = asked.rows;
      // The loader reads the report, which is the last of its own statements. Under the same token nothing runs twice.
      return submit(step.statements);
    };
    await stack.deliver([JSON.stringify({ Records: [record] })], { around });
    expect(bounds).toEqual(['1969-12-31 1970-01-01', '2018-11-21 2018-11-26', '2098-12-31 2099-01-01']);
    expect(selected).toEqual([
      { n: 1, plays: 1 },
      { n: 2, plays: 2 },
      { n: 3, plays: 1 },
    ]);
  });

  test('what was found wrong with a file does not stand against the corrected file that another loaded since', async () => {
    await stack.reset();
    const bad = await stack.put(
      'log_data/a.json',
      '{"ts": "never", "sessionId": 1, "itemInSession": 0, "page": "NextSong"}',
    );
    const good = events('b', {});
    const neighbour = await write(stack, good.key, good.rows.map((row) => JSON.stringify(row)).join('\n'), new Date());
    let staged = 0;
    const around: AroundStep = async (step, submit) => {
      if (step.name === 'stage') staged += 1;
      // The file was examined and left out, and is not copied again.
      if (step.name === 'stage' && staged === 2) {
        const { rows } = events('a', { itemInSession: 1 });
        const corrected = await stack.put('log_data/a.json', rows.map((row) => JSON.stringify(row)).join('\n'));
        expect((await stack.deliver([JSON.stringify({ Records: [corrected] })])).failed).toEqual([]);
      }
      return submit(step.statements);
    };
    const bodies = [JSON.stringify({ Records: [bad, neighbour] })];
    const { failed, steps } = await stack.deliver(bodies, { around });
    expect(failed).toEqual([]);
    expect(steps).toMatchObject({ unchangedHits: 1 });
    expect((await stack.ledger()).map(({ key, status }) => [key, status])).toEqual([
      ['log_data/a.json', 'loaded'],
      ['log_data/b.json', 'loaded'],
    ]);
    expect(await stack.count('songplays')).toBe(2);
  });
});
