import { World, type Deployment, type Failure } from './world.ts';

/** Minutes of the past and of what follows: more than a day, so that the alarms that look back a day have seen it. */
const PAST = -27 * 60;
const END = 30 * 60;

/** Something that happens to a deployed stage from minute 0 on. Before it, unless it says so, all was well for a day. */
export type Scenario = {
  /** As docs/OPERATIONS.md tells it. */
  name: string;
  /** Whether no alarm may ring. */
  healthy?: true;
  happen: (world: World) => void;
};

/** Minutes of a span, one in so many. */
function every(step: number, from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, Math.ceil((to - from) / step)) }, (_, n) => from + n * step);
}

const hourly = (world: World, from: number, to: number): void => {
  for (const minute of every(60, from, to)) world.load(minute);
};
const dense = (world: World, from: number, to: number): void => {
  for (const minute of every(1, from, to)) world.load(minute, {}, 25, 5);
};
const past = (world: World): void => {
  hourly(world, PAST, 0);
};
/** All goes on well beside what happens. */
const besides = (world: World, more: Readonly<Record<string, number>>): void => {
  past(world);
  world.load(0, more);
  hourly(world, 60, END);
};
const failingHourly = (failure: Failure, loadsAtTry?: number) => (world: World) => {
  past(world);
  for (const minute of every(60, 0, END)) world.failing(minute, failure, loadsAtTry);
};
const oneFails = (failure: Failure, loadsAtTry?: number) => (world: World) => {
  past(world);
  world.failing(0, failure, loadsAtTry);
  hourly(world, 60, END);
};

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'a file lands every hour, and all is well',
    healthy: true,
    happen: (world) => {
      hourly(world, PAST, END);
    },
  },
  {
    name: 'files land every minute, and all is well',
    healthy: true,
    happen: (world) => {
      dense(world, PAST, END);
    },
  },
  {
    name: '10,000 files land at once',
    healthy: true,
    happen: (world) => {
      past(world);
      // Two full batches of a minute each.
      for (const minute of [1, 2]) world.load(minute, {}, 25 + minute * 65, 5000);
      hourly(world, 60, END);
    },
  },
  {
    name: '100,000 files land at once',
    happen: (world) => {
      past(world);
      for (const batch of every(1, 1, 28)) world.load(batch, {}, 25 + batch * 51, 3700);
      hourly(world, 60, END);
    },
  },
  {
    name: 'a backfill takes twelve hours; files land every minute',
    healthy: true,
    happen: (world) => {
      dense(world, PAST, END);
      world.replays(0, 12 * 60);
    },
  },
  {
    name: 'replays are sent, and nothing delivers them; a file lands every hour',
    happen: (world) => {
      hourly(world, PAST, END);
      world.replays(0, END);
    },
  },
  { name: 'nothing lands any more', happen: past },
  { name: 'the stage was just deployed, and no file has landed yet', happen: () => undefined },
  {
    name: 'one batch hits a transient failure, and loads when its messages are retried',
    healthy: true,
    happen: oneFails('batch', 2),
  },
  { name: 'one message fails every time', happen: oneFails('batch') },
  { name: 'a file lands every hour, and every one fails', happen: failingHourly('batch') },
  {
    name: 'the warehouse is off, or the loader lacks tables or rights; a file lands every hour',
    happen: (world) => {
      past(world);
      world.waits(0, END, 60);
    },
  },
  {
    name: 'the same for eight hours at night; files land every minute',
    happen: (world) => {
      dense(world, PAST, 0);
      world.waits(0, 8 * 60, 1);
      dense(world, 8 * 60 + 11, END);
    },
  },
  {
    name: 'the same for half an hour',
    healthy: true,
    happen: (world) => {
      dense(world, PAST, 0);
      world.waits(0, 30, 1);
      dense(world, 41, END);
    },
  },
  {
    name: 'the warehouse does not answer for three minutes; files land every minute',
    healthy: true,
    happen: (world) => {
      dense(world, PAST, 0);
      world.waits(0, 3, 1);
      dense(world, 14, END);
    },
  },
  {
    name: 'the ledger cannot be queried, for no reason to wait; a file lands every hour',
    happen: failingHourly('delivery'),
  },
  {
    name: 'nothing switches loads on and off any more',
    happen: (world) => {
      hourly(world, PAST, END);
      world.stopResume(0);
    },
  },
  { name: 'a message cannot be read, or names an unconfigured bucket', happen: oneFails('refused') },
  {
    name: 'a file is quarantined',
    happen: (world) => {
      besides(world, { ObjectsQuarantined: 1 });
    },
  },
  {
    name: 'a file fails after COPY, alone, and is quarantined',
    happen: (world) => {
      besides(world, { ObjectsQuarantined: 1, ObjectsFailedAfterCopy: 1 });
    },
  },
  {
    name: 'a file is deleted before it is read',
    happen: (world) => {
      besides(world, { ObjectsVanished: 1 });
    },
  },
  {
    name: 'rows are rejected',
    happen: (world) => {
      besides(world, { RowsRejected: 12 });
    },
  },
  {
    name: 'a field appears that nobody expects',
    happen: (world) => {
      besides(world, { FieldsDrifted: 1 });
    },
  },
  {
    name: 'the event bus refuses the event of each batch',
    happen: (world) => {
      past(world);
      // The first files of the hour, and the message of their batch when it comes again.
      for (const minute of [0, 1, 3, 7, 15, 31]) world.load(minute, { EventsNotSent: 1 });
      hourly(world, 60, END);
    },
  },
  { name: 'the loader crashes or runs out of time on one message', happen: oneFails('crash') },
  { name: 'Lambda has no concurrency left for the loader', happen: oneFails('throttle') },
  {
    name: 'a file lands every hour, and each is queryable after six minutes',
    happen: (world) => {
      past(world);
      for (const minute of every(60, 0, END)) world.load(minute, {}, 360);
    },
  },
  {
    name: 'files land every minute, and each is queryable after six minutes',
    happen: (world) => {
      dense(world, PAST, 0);
      for (const minute of every(1, 0, END)) world.load(minute, {}, 360, 5);
    },
  },
  {
    name: 'a notification is lost just after a reconcile; the next is six hours later',
    happen: (world) => {
      hourly(world, PAST, END);
      for (const minute of every(360, -1440, END)) world.reconcile(minute, { missing: minute === 360 ? 1 : 0 });
    },
  },
  {
    name: 'the reconcile fails',
    happen: (world) => {
      hourly(world, PAST, END);
      for (const minute of every(360, -1440, END)) world.reconcile(minute, minute < 0 ? {} : 'fails');
    },
  },
  {
    name: 'the warehouse scales to twice its base and stays there',
    happen: (world) => {
      dense(world, PAST, END);
      for (const minute of every(1, 0, END)) world.compute(minute, 8 * 60);
    },
  },
];

/** A scenario's values. */
export function worldOf({ happen }: Scenario, deployment: Deployment): World {
  const world = new World(PAST, END, deployment);
  happen(world);
  world.resume();
  return world;
}
