/** Plays a race move by move. */
import assert from 'node:assert/strict';
import { ExecuteStatementCommand, RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { clientSettings } from '../../src/local/connect.ts';
import type { Templates } from '../../src/sql/statement.ts';
import type { AroundStep, StepCounts } from '../support/load-steps.ts';
import type { EventRecord, TestStack } from '../support/stack.ts';
import type { File, RaceExample } from './example-files.ts';
import { write } from './write.ts';

/** What a mistake changes: the texts of the load, or its transactions as they leave the loader. */
export type Tampering = { templates?: Templates; around?: AroundStep };

/** Plays a race; gives what the question was answered, and the steps of the raced load, which must not give up. */
export async function playRace(
  stack: TestStack,
  { before, raced, between, question }: RaceExample,
  { around, ...options }: Tampering = {},
): Promise<{ answer: unknown[]; steps: StepCounts }> {
  await stack.reset();
  let at = Date.UTC(2018, 11, 1);
  const land = async (files: readonly File[]): Promise<string[]> => {
    const records: EventRecord[] = [];
    for (const { key, rows } of files) {
      const body = rows.map((row) => JSON.stringify(row)).join('\n');
      records.push(await write(stack, key, body, new Date((at += 60_000))));
    }
    return records.length === 0 ? [] : [JSON.stringify({ Records: records })];
  };
  for (const files of before) await stack.deliver(await land(files), options);
  const moves = [...between];
  const others: AroundStep = async (step, submit) => {
    const result = await submit(step.statements);
    const move = moves.shift();
    const session = result.kind === 'committed' ? result.sessionId : step.sessionId;
    if (move === 'lose' && session !== undefined) await endSession(stack, session);
    else if (move !== undefined && move !== 'lose') await stack.deliver(await land(move), options);
    return result;
  };
  const seen: AroundStep =
    around === undefined
      ? others
      : (step, submit) => around(step, (statements) => others({ ...step, statements }, submit));
  const { failed, steps, log } = await stack.deliver(await land(raced), { ...options, around: seen });
  assert.deepEqual(failed, [], `the load goes through\n${log.join('\n')}`);
  assert.deepEqual(moves, [], 'every move was made');
  const { warehouse, clock } = stack.connection;
  return { answer: await warehouse.query('example', question, {}, clock.now() + 60_000), steps };
}

/** Ends a session and its temporary tables, as the warehouse does when it was idle for too long. */
export async function endSession({ environment }: TestStack, SessionId: string): Promise<void> {
  const client = new RedshiftDataClient(clientSettings(environment, 'AWS_ENDPOINT_URL_REDSHIFT_DATA'));
  const Sql = 'SELECT 1';
  await client.send(new ExecuteStatementCommand({ Sql, SessionId, SessionKeepAliveSeconds: 0, WaitTimeSeconds: 10 }));
  client.destroy();
}
