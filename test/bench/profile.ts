/** Where the time of loads goes, by the stages of the code, as the warehouse itself tells it. */
import {
  DescribeStatementCommand,
  ListStatementsCommand,
  RedshiftDataClient,
  type DescribeStatementCommandOutput,
  type StatementData,
} from '@aws-sdk/client-redshift-data';
import { LOCAL_NAMES, type Stack } from '../../src/local/stack.ts';
import { stageOf } from '../../src/sql/stages.ts';

/** Seconds by what they were spent on, in the order of a load. */
export type Profile = Record<string, number>;

/** What the warehouse tells of loads: where their time went, and how many seconds the lock was held, by all of them together. */
export type LoadTimes = { profile: Profile; lockSeconds: number };

/** What a loader does while another one has the lock. */
export const WAITING = 'waiting for the lock of another loader';

const LOCK = 'common/50-lock-load';
/** The transactions of a load, by the second word of their names. */
const OF_LOADS: ReadonlySet<string> = new Set(['stage', 'survey', 'merge']);
const NANOSECONDS = 1e9;

/** Adds up the statements of all loads since a time (epoch milliseconds): by stage, and within it by file. */
export async function timeLoads(stack: Stack, sinceMs: number): Promise<LoadTimes> {
  const client = new RedshiftDataClient({
    endpoint: stack.warehouse.endpoint,
    region: LOCAL_NAMES.region,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const fileOf = fileFinder(stack);
  const profile: Profile = {};
  const add = (name: string, seconds: number): void => {
    profile[name] = (profile[name] ?? 0) + seconds;
  };
  let lockSeconds = 0;
  for (const { Id, StatementName = '' } of await statementsSince(client, sinceMs)) {
    const described = await client.send(new DescribeStatementCommand({ Id }));
    const ownName = StatementName.split(' ')[1] ?? '';
    if (!OF_LOADS.has(ownName)) {
      add(`outside: ${ownName}`, secondsOf(described));
      continue;
    }
    const parts = partsOf(described, fileOf);
    for (const { file, seconds } of parts) add(file === LOCK ? WAITING : `${stageOf(file)}: ${file}`, seconds);
    const inParts = parts.reduce((sum, { seconds }) => sum + seconds, 0);
    add(`end of ${ownName}`, secondsOf(described) - inParts);
    // LOCK is the first statement of a merge and ends when the lock is granted; the lock is held until the transaction's end.
    const waited = parts.find(({ file }) => file === LOCK);
    if (waited !== undefined) lockSeconds += secondsOf(described) - waited.seconds;
  }
  client.destroy();
  const sorted = Object.entries(profile).sort(([one], [other]) => numberIn(one) - numberIn(other));
  return { profile: Object.fromEntries(sorted), lockSeconds };
}

type PartTime = { file: string; seconds: number };

function partsOf({ SubStatements = [] }: DescribeStatementCommandOutput, fileOf: (text: string) => string): PartTime[] {
  return SubStatements.map((part) => ({ file: fileOf(part.QueryString ?? ''), seconds: secondsOf(part) }));
}

/** Statements that never ran have a negative duration. */
function secondsOf({ Duration = 0 }: { Duration?: number | undefined }): number {
  return Math.max(0, Duration) / NANOSECONDS;
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

/** Finds the load file a statement came from: the one whose text it is, with anything where the file has a placeholder. */
function fileFinder({ connection }: Stack): (text: string) => string {
  const patterns = Object.entries(connection.templates.load).map(([file, template]) => {
    const text = template.replace(/^[ \t]*--.*$/gm, '').replace(/ -- optional \w+$/gm, '');
    const escaped = withSingleBlanks(text).replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
    return [file, new RegExp(`^${escaped.replace(/ ?(?<!:):(?:"[a-z_]+"|'[a-z_]+'|[a-z_]+)/g, '.*')}$`)] as const;
  });
  return (text) => {
    const found = patterns.find(([, pattern]) => pattern.test(withSingleBlanks(text)));
    if (found === undefined) throw new Error(`no file of sql/load has this statement: ${text}`);
    return found[0];
  };
}

function withSingleBlanks(text: string): string {
  return text.trim().replace(/\s+/g, ' ');
}

/** Stages sort by the numbers of their files; what has none comes first, and the ends of transactions last. */
function numberIn(name: string): number {
  return Number(/\/(\d+)-/.exec(name)?.[1] ?? (name.startsWith('end of ') ? '99' : '0'));
}
