/** The listening of a sample: users with habits, sessions of events, in the order of time. */
import { uniform, heavyTailed, pick, type Random } from '../random.ts';
import type { Recording } from './catalogue.ts';
import { DueQueue } from './due-queue.ts';
import { FIRST_NAMES, HOMES, LAST_NAMES, USER_AGENTS } from './words.ts';

type Level = 'free' | 'paid';

/** A user. `registration` is epoch milliseconds; `level` and `eventCount` move as the user's events are made. */
export type SampleUser = {
  userId: string;
  firstName: string;
  lastName: string;
  gender: 'F' | 'M';
  home: string;
  userAgent: string;
  registration: number;
  level: Level;
  eventCount: number;
  /** The numbers of the user's events at which the level flips. */
  flips: number[];
};

/** One event of the app. `ts` is epoch milliseconds; `user` is undefined when nobody is logged in. */
export type SampleEvent = {
  ts: number;
  sessionId: number;
  itemInSession: number;
  page: string;
  level: Level;
  user: SampleUser | undefined;
  recording: Recording | undefined;
};

/** What is played, and when: everything the events of a sample depend on besides chance. */
export type Listening = {
  events: number;
  users: number;
  /** Epoch milliseconds of the first midnight (UTC), and the number of days from there. */
  firstDay: number;
  days: number;
  playedRecording: () => Recording;
};

/** A session under way: `ts` (epoch milliseconds) is when its next event is due, `length` its number of events. */
type Session = { ts: number; id: number; nextItem: number; length: number; user: SampleUser; loggedIn: boolean };

const DAY_MS = 86_400_000;
/** All genuine timestamps end so; losing milliseconds on the way is a mistake worth noticing. */
const MILLISECONDS = 796;

/** Pages other than NextSong, as often as people open them. */
const PAGES = [
  ...Array<string>(40).fill('Home'),
  ...Array<string>(5).fill('Logout'),
  ...[
    'Settings',
    'Settings',
    'Help',
    'Help',
    'About',
    'About',
    'Change level',
    'Change level',
    'Save Settings',
    'Error',
  ],
];

/** How sessions spread over the hours of a day (UTC). */
const HOUR_WEIGHTS = [3, 3, 2, 2, 2, 3, 3, 3, 4, 5, 6, 6, 6, 6, 8, 9, 10, 9, 9, 7, 7, 5, 4, 4];

/** Exactly `listening.events` events in the order of time. Holds the sessions under way in memory, not the events. */
export function* makeEvents(random: Random, listening: Listening): Generator<SampleEvent> {
  const users = Array.from({ length: listening.users }, (_, rank) => makeUser(random, rank, listening.firstDay));
  const lengths = makeSessionLengths(random, listening.events);
  const last = listening.firstDay + listening.days * DAY_MS - 1000 + MILLISECONDS;
  const underWay = new DueQueue<Session>();
  for (let number = 0; number <= lengths.length; number += 1) {
    const length = lengths[number];
    const start = length === undefined ? Infinity : sessionStart((number + random()) / lengths.length, listening);
    // Sessions start in order, so whatever is due before this start can be told now.
    for (let session = underWay.next(start); session !== undefined; session = underWay.next(start)) {
      const event = nextEvent(random, session, listening.playedRecording);
      yield event;
      if (session.nextItem === session.length) continue;
      session.ts = Math.min(last, session.ts + pauseAfter(random, event));
      underWay.add(session);
    }
    if (length === undefined) return;
    const user = users[heavyTailed(random, users.length)];
    if (user === undefined) throw new RangeError('a sample needs at least one user');
    underWay.add({ ts: start, id: number + 1, nextItem: 0, length, user, loggedIn: random() > 0.05 });
  }
}

function makeUser(random: Random, rank: number, firstDay: number): SampleUser {
  // Ranks 1, 11, … go free → paid → free; 2, 12, … paid → free; 3, 13, … paid → free → paid; 4, 14, … free → paid.
  const flips = [[], [8, 16], [12], [6, 12], [5]][rank % 10] ?? [];
  const startsPaid = [0, 2, 3].includes(rank % 10);
  return {
    userId: String(rank + 2),
    firstName: pick(random, FIRST_NAMES),
    lastName: pick(random, LAST_NAMES),
    gender: pick(random, ['F', 'M']),
    home: pick(random, HOMES),
    userAgent: pick(random, USER_AGENTS),
    registration: firstDay - 1000 * uniform(random, 30 * 86_400) - 1000 + MILLISECONDS,
    level: startsPaid ? 'paid' : 'free',
    eventCount: 0,
    flips,
  };
}

/** Lengths of sessions that add up to `events`: the median is 2, one in ten passes 24, none passes 128. */
function makeSessionLengths(random: Random, events: number): number[] {
  const lengths: number[] = [];
  for (let left = events; left > 0; left -= lengths.at(-1) ?? 0)
    lengths.push(Math.min(left, sessionLengthAt(random())));
  return lengths;
}

function sessionLengthAt(quantile: number): number {
  if (quantile < 0.35) return 1;
  if (quantile < 0.52) return 2;
  if (quantile < 0.9) return Math.floor(2 * 12 ** ((quantile - 0.52) / 0.38));
  return Math.round(24 + 104 * ((quantile - 0.9) / 0.1) ** 3);
}

/** When the session starts that stands at `progress` (0 to 1) of all. The last evening is left free, for sessions to end in. */
function sessionStart(progress: number, { firstDay, days }: Listening): number {
  const day = progress * (days - 0.4);
  let weightBefore = (day % 1) * HOUR_WEIGHTS.reduce((sum, weight) => sum + weight, 0);
  let hour = 0;
  for (const weight of HOUR_WEIGHTS) {
    if (weightBefore < weight) {
      const second = Math.floor((hour + weightBefore / weight) * 3600);
      return firstDay + Math.floor(day) * DAY_MS + second * 1000 + MILLISECONDS;
    }
    weightBefore -= weight;
    hour += 1;
  }
  throw new RangeError(`progress must be from 0 to 1, not ${progress}`);
}

/** The session's next event; the session, its user and the user's level move on. */
function nextEvent(random: Random, session: Session, playedRecording: () => Recording): SampleEvent {
  const { user } = session;
  if (!session.loggedIn) {
    session.loggedIn = random() < 0.4;
    return tell(session, session.loggedIn ? 'Login' : pick(random, ['Home', 'Home', 'Help', 'About']));
  }
  user.eventCount += 1;
  if (user.flips.length > 0 && user.eventCount >= (user.flips[0] ?? 0)) {
    user.flips.shift();
    // The event itself still carries the level before, as genuine ones do.
    const event = tell(session, user.level === 'free' ? 'Submit Upgrade' : 'Submit Downgrade', user);
    user.level = user.level === 'free' ? 'paid' : 'free';
    return event;
  }
  if (random() < 0.885) return tell(session, 'NextSong', user, playedRecording());
  const page = pick(random, PAGES);
  if (page === 'Logout') session.loggedIn = false;
  return tell(session, page === 'Change level' ? offerTo(user.level) : page, user);
}

function tell(session: Session, page: string, user?: SampleUser, recording?: Recording): SampleEvent {
  const itemInSession = session.nextItem;
  session.nextItem += 1;
  return { ts: session.ts, sessionId: session.id, itemInSession, page, level: session.user.level, user, recording };
}

function offerTo(level: Level): string {
  return level === 'free' ? 'Upgrade' : 'Downgrade';
}

/** Milliseconds until the session's next event: a play lasts as long as its song, in whole seconds. */
function pauseAfter(random: Random, { recording }: SampleEvent): number {
  if (recording !== undefined) return Math.floor(recording.duration) * 1000;
  return random() < 0.15 ? 0 : 1000 * uniform(random, 90);
}
