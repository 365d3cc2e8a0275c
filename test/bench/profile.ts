/** Where the time of loads goes, by the stages of the code, as the warehouse itself tells it. */
import {
  DescribeStatementCommand,
  ListStatementsCommand,
  RedshiftDataClient,
  type StatementData,
} from '@aws-sdk/client-redshift-data';
import { LOCAL_NAMES, type Stack } from '../../src/local/stack.ts';
import { stageOf } from '../../src/sql/stages.ts';

/** Seconds by what they were spent on, in the order of a load. */
export type Profile = Record<string, number>;

/** What a loader does while another one has the lock. */
export const WAITING = 'waiting for the lock of another loader';

const NANOSECONDS = 1e9;
/** So much of a statement tells it from every other one. */
const WORDS = 4;

/** Adds up the statements of all loads since a time (epoch milliseconds): by stage, and within it by file. */
export async function profileLoads(stack: Stack, sinceMs: number): Promise<Profile> {
  const client = new RedshiftDataClient({
    endpoint: stack.warehouse.endpoint,
    region: LOCAL_NAMES.region,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const files = fileOf(stack);
  const profile: Profile = {};
  const add = (name: string, seconds: number): void => {
    profile[name] = (profile[name] ?? 0) + seconds;
  };
  for (const { Id, StatementName = '' } of await statementsSince(client, sinceMs)) {
    const described = await client.send(new DescribeStatementCommand({ Id }));
    const ownName = StatementName.split(' ')[1] ?? '';
    if (ownName !== 'load') add(`outside: ${ownName}`, (described.Duration ?? 0) / NANOSECONDS);
    else {
      let inParts = 0;
      for (const { QueryString = '', Duration = 0 } of described.SubStatements ?? []) {
        const file = files.get(wordsOf(QueryString)) ?? wordsOf(QueryString);
        inParts += Math.max(0, Duration);
        add(stageOf(file) === 'lock' ? WAITING : `${stageOf(file)}: ${file}`, Math.max(0, Duration) / NANOSECONDS);
      }
      add('commit', ((described.Duration ?? 0) - inParts) / NANOSECONDS);
    }
  }
  client.destroy();
  return Object.fromEntries(
    Object.entries(profile).sort(([one], [other]) => (numberIn(one) < numberIn(other) ? -1 : 1)),
  );
}

async function statementsSince(client: RedshiftDataClient, sinceMs: number): Promise<StatementData[]> {
  const statements: StatementData[] = [];
  let NextToken: string | undefined;
  do {
    const page = await client.send(
      new ListStatementsCommand({ Status: 'ALL', MaxResults: 100, ...(NextToken === undefined ? {} : { NextToken }) }),
    );
    statements.push(...(page.Statements ?? []));
    ({ NextToken } = page);
  } while (NextToken !== undefined);
  return statements.filter(({ CreatedAt }) => (CreatedAt?.getTime() ?? 0) >= sinceMs);
}

/** Which load file a statement came from, by its first words. */
function fileOf(stack: Stack): Map<string, string> {
  const { schema } = stack.connection.config.names;
  return new Map(
    Object.entries(stack.connection.templates.load).map(([file, text]) => [
      wordsOf(text.replace(/^--.*$/gm, '').replaceAll(':"schema"', `"${schema}"`)),
      file,
    ]),
  );
}

function wordsOf(text: string): string {
  const words = text.trim().split(/\s+/);
  // Behind its target, a COPY differs from batch to batch.
  return words.slice(0, words[0] === 'COPY' ? 2 : WORDS).join(' ');
}

/** Stages sort by the number of their first file; what has none comes first. */
function numberIn(name: string): string {
  return /: (\d+)/.exec(name)?.[1] ?? (name === 'commit' ? '99' : '00');
}
