import { LoaderError } from '../../src/errors.ts';
import type { AroundStep, LoadStep } from '../support/load-steps.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { CrashBench } from './crash-points.ts';
import { events, NOON, song } from './example-files.ts';
import { endSession } from './races.ts';
import { write } from './write.ts';

const DAY_MS = 86_400_000;
const lost = (code: 'connection' | 'session'): { kind: 'unknown'; error: LoaderError } => ({
  kind: 'unknown',
  error: new LoaderError(code, `${code} lost by the test`, 'none'),
});

describe('a load whose session is lost', () => {
  let stack: TestStack;
  let bench: CrashBench;
  beforeAll(async () => {
    stack = await startTestStack({ eventSource: false, events: true });
    bench = new CrashBench(stack);
  });
  afterAll(() => stack.stop());

  /** Does something else the first times a step is taken: `turns[n]` the nth time, from 0. */
  const atTurns = (name: LoadStep['name'], turns: readonly AroundStep[]): AroundStep => {
    let turn = 0;
    return (step, submit) => {
      const other = step.name === name ? turns[turn++] : undefined;
      return other === undefined ? submit(step.statements) : other(step, submit);
    };
  };
  const end = ({ sessionId = '' }: LoadStep): Promise<void> => endSession(stack, sessionId);

  test('between staging and merging stages anew', async () => {
    const around = atTurns('merge', [async (step, submit) => (await end(step), submit(step.statements))]);
    expect((await bench.strike('clean', undefined, { around })).deliveries).toBe(1);
  });

  test('after its merge committed unseen finds what was recorded, whether the loader or its client submitted again', async () => {
    const committed =
      (code: 'connection' | 'session'): AroundStep =>
      async (step, submit) => {
        await submit(step.statements);
        await end(step);
        return lost(code);
      };
    // How Redshift answers a token of a dead session is not known; the local warehouse knows the token, so the test answers.
    const dead: AroundStep = () => Promise.resolve(lost('session'));
    for (const turns of [[committed('connection'), dead], [committed('session')]]) {
      const { deliveries } = await bench.strike('clean', undefined, { around: atTurns('merge', turns) });
      expect(deliveries).toBe(1);
    }
  });

  test('after its merge was submitted and did not run stages anew', async () => {
    const unseen: AroundStep = async (step) => (await end(step), lost('connection'));
    const { deliveries } = await bench.strike('clean', undefined, { around: atTurns('merge', [unseen]) });
    expect(deliveries).toBe(1);
  });
});

describe('a load whose guard is lost', () => {
  let stack: TestStack;
  beforeEach(async () => {
    stack = await startTestStack({ eventSource: false });
  });
  afterEach(() => stack.stop());

  const deliver = async (file: ReturnType<typeof song>, around?: AroundStep) => {
    const body = file.rows.map((row) => JSON.stringify(row)).join('\n');
    const record = await write(stack, file.key, body, new Date());
    return stack.deliver([JSON.stringify({ Records: [record] })], around === undefined ? {} : { around });
  };
  let plays = 0;
  /** Another load commits plays of the song, on a day of their own. */
  const playMore = async (): Promise<void> => {
    plays += 1;
    const { failed } = await deliver(events(`${plays}`, { itemInSession: plays, ts: NOON + plays * 30 * DAY_MS }));
    expect(failed).toEqual([]);
  };
  const unhealed = () => stack.rows('SELECT COUNT(*) AS n FROM sparkify.songplays WHERE song_id IS NULL');

  test('too often goes back to the queue, and heals all when it comes again', async () => {
    const around: AroundStep = async (step, submit) => {
      if (step.name === 'merge') await playMore();
      return submit(step.statements);
    };
    const { failed, steps } = await deliver(song('S1'), around);
    expect([failed.length, steps.coveredHits, steps.merged]).toEqual([1, 5, 0]);
    expect((await stack.deliver(failed)).failed).toEqual([]);
    expect(await unhealed()).toEqual([{ n: 0 }]);
  });

  test.each<[string, AroundStep]>([
    [
      'and whose second survey fails',
      (step, submit) => submit(step.statements.map((one) => ({ ...one, text: 'SELECT 1 / 0' }))),
    ],
    [
      'and whose second survey loses its reply',
      async (step, submit) => (await submit(step.statements), lost('connection')),
    ],
    [
      'and whose session is lost before the second survey',
      async (step, submit) => (await endSession(stack, step.sessionId ?? ''), submit(step.statements)),
    ],
  ])('%s heals all the same', async (_, atSurvey) => {
    let struck = false;
    let moved = false;
    const around: AroundStep = async (step, submit) => {
      if (step.name === 'merge' && !moved) {
        moved = true;
        await playMore();
      }
      if (step.name !== 'survey' || struck) return submit(step.statements);
      struck = true;
      return atSurvey(step, submit);
    };
    const { failed, steps } = await deliver(song('S1'), around);
    expect([failed, steps.coveredHits, struck]).toEqual([[], 1, true]);
    expect(await unhealed()).toEqual([{ n: 0 }]);
  });
});
