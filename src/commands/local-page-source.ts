import { readDeadLetter } from '../catch-up/dead-letter.ts';
import type { FaultSwitches } from '../local/faults/switches.ts';
import { RanStatements, type RanTransaction } from '../local/ran-statements.ts';
import { LOCAL_NAMES, type Stack } from '../local/stack.ts';
import type { Written } from '../ledger/seen.ts';
import { s3Url } from '../objects/object-version.ts';
import { STAGES } from '../sql/stages.ts';
import { loadFileFinder, stageTimes, type LoadFileFinder } from '../ui/load-file.ts';
import type { Batch, DeadLetterList, PageEvent, RanStatement, Running, Setup } from '../ui/shapes.ts';
import type { UiSource } from '../ui/source.ts';
import { dropFiles } from './local-drop.ts';
import { LocalObserver } from './local-page.ts';
import { readBatch, readBatches, readQuarantine, runQuery, sampleQuestions } from './ui-questions.ts';
import { COST_DAYS, readCost } from './read-cost.ts';
import { parseWaiting, waitingKey, type Waiting } from '../waiting/waiting.ts';
import { readLife } from './why.ts';

/** The objective of a laptop, where nothing is between landing and loading but the batch window: seconds. */
const GOAL_SECONDS = 2;
/** What the loads of a laptop would cost is an example, with the prices of a region where they are known. */
const COST = { days: COST_DAYS, goalSeconds: GOAL_SECONDS, stage: null, outputs: {}, prices: 'us-east-1' };
const SHOWN = 200;
const LETTERS_SHOWN = 50;
/** The lines of load files that a setting may leave out. */
const OPTIONAL_LINES = ['bound'];

/** What the page shows of a local stack; `observer` is told by the stack what it does. */
export type LocalSource = { source: UiSource; observer: LocalObserver; stop: () => void };

/**
 * Makes the page's source of a stack with tables. `since` is the number of the last batch before it was started; `shell` is what
 * commands on the page are typed behind.
 */
export function localSource(
  stack: Stack,
  { switches, since, folder, shell }: { switches: FaultSwitches; since: string; folder: string; shell: string },
): LocalSource {
  const connection = stack.quietConnection();
  const ran = new RanStatements(stack.environment, stack.warehouse.quietEndpoint);
  const find = loadFileFinder(connection.templates.load, OPTIONAL_LINES);
  const batches = batchReader(connection, ran, find);
  const observer = new LocalObserver(
    {
      connection,
      aws: stack.aws,
      present: () => presentIn(stack),
      waiting: stack.waiting,
      deadLetters: stack.deadLetters,
      batches: batches.list,
      faults: () => switches.list(),
      waitingFor: () => waitingIn(stack),
      running: async () => (await ran.running()).map((one) => runningOf(one, find)),
    },
    since,
  );
  const setup: Setup = {
    title: 'on this machine',
    isLocal: true,
    schema: connection.config.names.schema,
    buckets: [...connection.config.landing.buckets],
    folder,
    goalSeconds: GOAL_SECONDS,
    commandPrefix: `. ${shell} && `,
    asking: null,
    samples: sampleQuestions(connection),
    stages: STAGES,
  };
  const source: UiSource = {
    setup: () => setup,
    overview: () => observer.overview(),
    ask: () => observer.look(),
    batches: batches.list,
    batch: batches.one,
    objects: (state) => {
      const { found, versions } = observer.census.inState(state, SHOWN);
      const objects = versions.map((version) => ({ url: s3Url(version), eventTimeMs: version.eventTimeMs }));
      return Promise.resolve({ state, found, objects });
    },
    life: (url) => readLife(url, connection),
    quarantine: () => readQuarantine(connection),
    deadLetters: () => Promise.resolve(deadLetters(stack)),
    cost: () => readCost(connection, COST),
    query: (sql) => runQuery(connection, sql),
    drop: (what) => dropFiles(what, connection),
    faults: () => switches.list(),
    setFault: (id, on) => {
      switches.set(id, on);
      observer.channel.tell({ name: 'faults', data: switches.list() });
    },
    subscribe: (listener: (event: PageEvent) => void) => {
      listener({ name: 'setup', data: setup });
      listener({ name: 'faults', data: switches.list() });
      return observer.subscribe(listener);
    },
  };
  const stop = (): void => {
    observer.stop();
    ran.stop();
  };
  return { source, observer, stop };
}

/** The objects of the landing bucket, as if they had just been written. */
function presentIn({ aws }: Stack): Written[] {
  const bucket = LOCAL_NAMES.landingBucket;
  const { objects } = aws.store.page(bucket, { limit: Infinity });
  return objects.map((object) => ({
    name: 'ObjectCreated:Put',
    bucket,
    object,
    at: new Date(object.atMs),
    sequencer: object.sequencer,
  }));
}

/** What the warehouse is waited for, read beside the calls that a fault plan counts. */
async function waitingIn({ aws, connection }: Stack): Promise<Waiting | undefined> {
  const { bucket, prefix } = connection.config.control;
  const address = { bucket, key: waitingKey(prefix) };
  if (aws.store.page(bucket, { prefix: address.key, limit: 1 }).objects.length === 0) return undefined;
  let text = '';
  for await (const chunk of (await aws.store.get(address)).body) text += String(chunk);
  return parseWaiting(text);
}

/** Batches with what the warehouse remembers of their statements. */
function batchReader(connection: Stack['connection'], ran: RanStatements, find: LoadFileFinder) {
  const known = new Map<string, Batch['stages']>();
  const statementsOf = async (batchId: string): Promise<RanStatement[]> =>
    (await ran.ofBatch(batchId)).flatMap((one) => toRanStatements(one, find));
  const stagesOf = async ({ batchId }: Batch): Promise<Batch['stages']> => {
    const stages = known.get(batchId) ?? stageTimes(await statementsOf(batchId));
    known.set(batchId, stages);
    return stages;
  };
  const list = async (): Promise<Batch[]> => {
    const batches = await readBatches(connection);
    const stages = await Promise.all(batches.map(stagesOf));
    const shown = new Set(batches.map(({ batchId }) => batchId));
    for (const batchId of known.keys()) if (!shown.has(batchId)) known.delete(batchId);
    return batches.map((batch, index) => ({ ...batch, stages: stages[index] ?? [] }));
  };
  const one: UiSource['batch'] = async (batchNo) => {
    const detail = await readBatch(connection, batchNo);
    if (detail === null) return null;
    const statements = await statementsOf(detail.batch.batchId);
    return { ...detail, batch: { ...detail.batch, stages: stageTimes(statements) }, statements };
  };
  return { list, one };
}

function toRanStatements({ step, statements }: RanTransaction, find: LoadFileFinder): RanStatement[] {
  return statements.map(({ sql, seconds, rows }) => {
    const { file, stage } = find(sql) ?? { file: 'unknown', stage: 'unknown' };
    return { phase: phaseOf(step), file, stage, sql, seconds, rows };
  });
}

function runningOf({ step, batchId, statements }: RanTransaction, find: LoadFileFinder): Running {
  const done = statements.filter(({ status }) => status === 'FINISHED').length;
  const current = statements[Math.min(done, statements.length - 1)];
  const stage = current === undefined ? undefined : find(current.sql)?.stage;
  return { batchId, phase: phaseOf(step), stage: stage ?? null, done, of: statements.length };
}

function phaseOf(step: string): 'staging' | 'merging' {
  return step === 'merge' ? 'merging' : 'staging';
}

function deadLetters(stack: Stack): DeadLetterList {
  const { landing } = stack.connection.config;
  const letters = stack.deadLetters();
  const entries = letters.slice(0, LETTERS_SHOWN).map(({ body }) => {
    const letter = readDeadLetter(body, landing);
    const url = letter.kind === 'malformed' ? null : (letter.objects[0]?.url ?? null);
    return { url, reason: letter.kind === 'objects' ? 'it failed every time' : letter.reason };
  });
  return { entries, count: letters.length, command: 'npx sparkify redrive --dry-run' };
}
