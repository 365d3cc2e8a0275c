import { rowLimit, runReport } from '../ledger/reports.ts';
import { readFreshness } from '../ledger/status.ts';
import { ASSUMED, MINIMUM_SECONDS, pricesOf } from '../catch-up/prices.ts';
import { starTables } from '../schema/relations.ts';
import { STAGES } from '../sql/stages.ts';
import { s3Url } from '../objects/object-version.ts';
import { LoaderError } from '../errors.ts';
import type { Connection, Row } from '../ports.ts';
import { Channel } from '../ui/channel.ts';
import {
  PAGE_STATES,
  type Attention,
  type ObjectList,
  type Overview,
  type PageState,
  type Point,
  type Setup,
  type StateCounts,
} from '../ui/shapes.ts';
import type { UiSource } from '../ui/source.ts';
import { ledgerOf } from './connection.ts';
import { COST_DAYS, readCost, type CostOptions } from './read-cost.ts';
import { readStatusReport, type StatusReport } from './status-report.ts';
import { batchOf, readBatch, readQuarantine, runQuery, sampleQuestions } from './ui-questions.ts';
import { isAway, readWaitingReport } from './waiting.ts';
import { readLife } from './why.ts';

const SHOWN = 200;

/** What the ledger calls the states that the page shows of a warehouse. */
const STATUSES: Partial<Record<PageState, string>> = {
  loaded: 'loaded',
  quarantined: 'quarantined',
  vanished: 'vanished',
  ignored: 'dismissed',
};

/** What the last question answered. */
type Known = { overview: Overview; report: StatusReport; points: Point[] };

/** How the page is asked for, and how often it asks. */
export type StageOptions = {
  title: string;
  everySeconds: number;
  goalSeconds: number;
  shell: string;
  /** Of a deployed stack; none where there is no stage. */
  stage?: string;
  outputs?: CostOptions['outputs'];
};

/**
 * The page's source of any warehouse and queue that the commands reach. It asks nothing by itself: a question wakes a Serverless
 * warehouse that sleeps, and an awake one costs money.
 */
export function connectionSource(connection: Connection, options: StageOptions): UiSource {
  const channel = new Channel();
  const setup = setupOf(connection, options);
  let known: Known | undefined;
  let asking: Promise<void> | undefined;
  const ask = async (): Promise<void> => {
    known = await read(connection).catch((error: unknown) => explainAway(error, connection));
    channel.tell({ name: 'overview', data: known.overview });
    channel.tell({ name: 'points', data: known.points });
    channel.tell({ name: 'batches', data: known.report.batches.map(batchOf) });
  };
  return {
    setup: () => setup,
    overview: () => Promise.resolve(known?.overview ?? null),
    // Whoever asks while a question is under way gets its answer.
    ask: () =>
      (asking ??= ask().finally(() => {
        asking = undefined;
      })),
    batches: () => Promise.resolve((known?.report.batches ?? []).map(batchOf)),
    batch: (batchNo) => readBatch(connection, batchNo),
    objects: (state) => readObjects(connection, state, known?.overview.counts),
    life: (url) => readLife(url, connection),
    quarantine: () => readQuarantine(connection),
    deadLetters: () =>
      Promise.resolve({
        entries: null,
        count: known?.overview.stations.deadLetters ?? 0,
        command: `npx sparkify redrive --dry-run${options.shell}`,
      }),
    cost: () => {
      const { goalSeconds, stage = null, outputs = {} } = options;
      return readCost(connection, { days: COST_DAYS, goalSeconds, stage, outputs });
    },
    query: (sql) => runQuery(connection, sql),
    drop: () => Promise.reject(onlyLocal()),
    faults: () => [],
    setFault: () => {
      throw onlyLocal();
    },
    subscribe: (listener) => {
      listener({ name: 'setup', data: setup });
      if (known) {
        listener({ name: 'overview', data: known.overview });
        listener({ name: 'points', data: known.points });
        listener({ name: 'batches', data: known.report.batches.map(batchOf) });
      }
      return channel.add(listener);
    },
  };
}

/** An error with what is known of a warehouse that is waited for. */
async function explainAway(error: unknown, connection: Connection): Promise<never> {
  const waits = isAway(error) ? await readWaitingReport(connection) : null;
  if (!isAway(error) || waits === null || 'unreadable' in waits) throw error;
  throw new LoaderError(error.code, waits.text, waits.hint, error);
}

function onlyLocal(): LoaderError {
  return new LoaderError('usage', 'That is only possible with the local stack.', 'npm start');
}

function setupOf(connection: Connection, { title, everySeconds, goalSeconds }: StageOptions): Setup {
  const { config } = connection;
  return {
    title,
    isLocal: false,
    schema: config.names.schema,
    buckets: [...config.landing.buckets],
    folder: null,
    goalSeconds,
    commandPrefix: '',
    asking: { everySeconds, cost: costOf(config.names.region, everySeconds) },
    samples: sampleQuestions(connection),
    stages: STAGES,
  };
}

/** What asking costs, as far as it is known: Redshift Serverless is paid for while it is awake. */
export function costOf(region: string, everySeconds: number): string {
  const rpuHour = pricesOf(region)?.redshiftRpuHour;
  const { high } = ASSUMED.redshiftRpus;
  const awake = `A question wakes a Serverless warehouse for at least ${MINIMUM_SECONDS} s; asked every ${everySeconds} s it stays awake`;
  if (rpuHour === undefined) return `${awake}. The price in ${region} is not known here.`;
  return `${awake}, which costs US$ ${(rpuHour * 8).toFixed(2)} an hour at 8 RPU, US$ ${(rpuHour * high).toFixed(0)} at ${high}. A provisioned cluster costs the same either way.`;
}

async function read(connection: Connection): Promise<Known> {
  const deps = ledgerOf(connection);
  const [report, keys, fresh] = await Promise.all([
    readStatusReport(connection),
    runReport('keys-by-status', {}, deps),
    readFreshness(deps, 'freshness-by-batch'),
  ]);
  return { report, overview: overviewOf(report, keys, connection), points: fresh.map(pointOf).reverse() };
}

/** Everything at a glance, from what `status` knows and the ledger's keys by state. */
function overviewOf(report: StatusReport, keys: readonly Row[], { clock, templates }: Connection): Overview {
  const counts = Object.fromEntries(PAGE_STATES.map((state) => [state, 0])) as StateCounts;
  for (const state of PAGE_STATES) {
    const row = keys.find(({ status }) => status === STATUSES[state]);
    counts[state] = Number(row?.objects ?? 0);
  }
  const { queue, replayQueue, dlq, freshness } = report;
  const queues = [queue, replayQueue];
  const span = freshness.hour ?? freshness.day;
  const star = starTables(templates.schema, templates.load);
  return {
    atMs: clock.now(),
    seen: Object.values(counts).reduce((sum, many) => sum + many, 0),
    counts,
    stations: {
      bucket: 0,
      queue: queues.reduce((sum, depth) => sum + (depth?.waiting ?? 0) + (depth?.delayed ?? 0), 0),
      batch: queues.reduce((sum, depth) => sum + (depth?.inFlight ?? 0), 0),
      star: counts.loaded,
      quarantine: counts.quarantined,
      deadLetters: (dlq?.waiting ?? 0) + (dlq?.inFlight ?? 0),
    },
    queueUnit: 'messages',
    running: [],
    freshness: span && {
      objects: span.objects,
      p50: span.p50,
      p95: span.p95,
      span: freshness.hour ? 'the last hour' : 'the last day',
    },
    tables: Object.fromEntries(Object.entries(report.tables).filter(([name]) => star.includes(name))),
    attention: report.attention.map(attentionOf),
  };
}

/** A line of `status`, `what → command`. */
function attentionOf(line: string): Attention {
  const [text = '', command] = line.split(' → ');
  return { text, command: command?.startsWith('npx ') === true ? command : null };
}

function pointOf(row: Row): Point {
  return {
    atMs: Number(row.committed_ms),
    loaded: Number(row.objects),
    notLoaded: 0,
    batches: 1,
    samples: [],
    p50: Number(row.p50),
    p95: Number(row.p95),
  };
}

async function readObjects(connection: Connection, state: PageState, counts?: StateCounts): Promise<ObjectList> {
  const status = STATUSES[state];
  if (status === undefined) return { state, found: counts?.[state] ?? 0, objects: [] };
  const rows = await runReport('keys-of-status', { status }, ledgerOf(connection), rowLimit(SHOWN));
  const objects = rows.map((row) => ({
    url: s3Url({ bucket: String(row.bucket), key: String(row.key) }),
    eventTimeMs: Number(row.event_time_ms),
  }));
  return { state, found: counts?.[state] ?? objects.length, objects };
}
