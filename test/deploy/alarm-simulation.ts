import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PROJECT } from '../support/program.ts';
import type { Package } from './packaging.ts';
import { inAlarm, readAlarm, ringsAfter, type Alarm } from './alarms/alarm.ts';
import { evaluateExpression } from './alarms/expression.ts';
import { SCENARIOS, worldOf, type Scenario } from './alarms/scenarios.ts';
import type { Deployment } from './alarms/world.ts';
import type { Stack } from './template.ts';
import { variants } from './variants.ts';

/** After how many minutes each alarm rings, by the rules CloudWatch documents and the definitions that are deployed. */
export function describeSimulation(thePackage: () => Package): void {
  const fresh = (): Stack => variants['an empty account'](thePackage().template);
  const alarms = (): Alarm[] =>
    Object.values(fresh().resources)
      .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
      .map(({ Properties }) => readAlarm(Properties));
  const deployment = (): Deployment => {
    const { LoadQueue, Workgroup } = fresh().resources;
    const visibilityMinutes = Number(LoadQueue!.Properties.VisibilityTimeout) / 60;
    return { visibilityMinutes, rpus: Number(Workgroup!.Properties.BaseCapacity) };
  };
  /** The alarms that ring, the first before the later. */
  const known = new Map<Scenario, [string, number][]>();
  const rings = (scenario: Scenario): [string, number][] => {
    const found = known.get(scenario) ?? simulate(scenario);
    known.set(scenario, found);
    return found;
  };
  const simulate = (scenario: Scenario): [string, number][] => {
    const { timeline } = worldOf(scenario, deployment());
    return alarms()
      .flatMap((alarm): [string, number][] => {
        const minutes = ringsAfter(alarm, timeline);
        return minutes === undefined ? [] : [[alarm.name, minutes]];
      })
      .sort(([, one], [, other]) => one - other);
  };

  test.each(SCENARIOS.filter(({ healthy }) => healthy))('no alarm rings when $name', (scenario) => {
    expect(rings(scenario)).toEqual([]);
  });

  test.each(SCENARIOS.filter(({ healthy }) => !healthy))('an alarm rings when $name', (scenario) => {
    expect(rings(scenario)).not.toEqual([]);
  });

  test('every alarm rings in some scenario', () => {
    const rung = new Set(SCENARIOS.flatMap((scenario) => rings(scenario).map(([name]) => name)));
    expect(
      alarms()
        .map(({ name }) => name)
        .filter((name) => !rung.has(name)),
    ).toEqual([]);
  });

  test('docs/OPERATIONS.md says after how many minutes each rings', async () => {
    const page = await readFile(join(PROJECT, 'docs/OPERATIONS.md'), 'utf8');
    const rows = SCENARIOS.map((scenario) => {
      const said = rings(scenario).map(([name, minutes]) => `${name} ${minutes.toLocaleString('en-US')}`);
      return `| ${scenario.name} | ${said.join(' · ') || 'nothing'} |`;
    });
    expect(page).toContain(['| what happens | alarms, and after how many minutes |', '|---|---|', ...rows].join('\n'));
  });

  describe('the simulation', () => {
    test('knows that two of three periods of five minutes never hear a message that comes each 35', () => {
      const { LoaderErrorsAlarm } = fresh().resources;
      const scenario = SCENARIOS.find(({ name }) => name === 'the loader crashes or runs out of time on one message')!;
      const short = readAlarm({ ...LoaderErrorsAlarm!.Properties, EvaluationPeriods: 3, DatapointsToAlarm: 2 });
      expect(ringsAfter(short, worldOf(scenario, deployment()).timeline)).toBeUndefined();
    });

    // The examples of https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html, three periods
    // with two more to look back: 0 is good, X is bad, - is missing; then whether it is ALARM with missing as bad, and as good.
    test.each([
      ['0 - X - X', 3, false, false],
      ['- - - - 0', 3, false, false],
      ['- - - - -', 3, true, false],
      ['0 X X - X', 3, true, true],
      ['- - X - -', 3, true, false],
      ['0 - X - X', 2, true, true],
      ['0 0 X 0 X', 2, true, true],
      ['0 - X - -', 2, true, false],
      ['- - - - 0', 2, true, false],
      ['- - - X -', 2, true, false],
    ])('fills in %s, of which %d must be bad, as AWS does', (points, datapointsToAlarm, asBad, asGood) => {
      const values = points.split(' ').map((point) => (point === '-' ? undefined : point === 'X' ? 1 : 0));
      const alarm = {
        ...readAlarm(fresh().resources.QuarantineAlarm!.Properties),
        evaluationPeriods: 3,
        datapointsToAlarm,
      };
      const state = (missingIsBreaching: boolean): boolean =>
        inAlarm({ ...alarm, periodMinutes: 1, missingIsBreaching }, (minute) => values[minute], 4, 2);
      expect([state(true), state(false)]).toEqual([asBad, asGood]);
    });

    test.each([
      ['1 + 2 * 3', 7],
      ['(1 + 2) * 3 / 9', 1],
      ['IF(a < b, a, b) - 1', 0],
      ['IF(a > b, a, IF(b > 1, 5, 6))', 5],
      ['FILL(none, 4) + a', 5],
      ['none + a', undefined],
    ])('reckons %s', (text, value) => {
      expect(evaluateExpression(text, (name) => ({ a: 1, b: 2 })[name])).toBe(value);
    });

    test.each(['RATE(a)', 'a b', 'a +', '(a'])('refuses the expression %s, which it does not know', (text) => {
      expect(() => evaluateExpression(text, () => 1)).toThrow();
    });
  });
}
