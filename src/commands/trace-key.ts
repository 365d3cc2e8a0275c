import { LoaderError } from '../errors.ts';
import { withoutBlanks } from '../trace/columns.ts';
import type { PlayKey } from '../trace/search.ts';
import { sparkifyCommand } from './shell.ts';

/** What is to be traced: a row of the star by its key, or what a batch rejected or found in conflict. */
export type Question =
  | { table: 'songplays'; key: PlayKey | { id: string } }
  | { table: 'users' | 'songs' | 'artists'; key: string }
  | { table: 'time'; key: number }
  | { table: 'rejected_rows' | 'conflicts'; batch: string };

/** What else the command was told. */
export type TraceOptions = { show: number; yes?: true; json?: true };

/** How each table is asked for. */
const FORMS = {
  songplays: ['trace', 'songplays', '2018-11-01T21:01:46.796Z', '139', '1'],
  users: ['trace', 'users', '26'],
  songs: ['trace', 'songs', 'SOZCTXZ12AB0182364'],
  artists: ['trace', 'artists', 'AR5KOSW1187FB35FF4'],
  time: ['trace', 'time', '2018-11-01T21:01:46.796Z'],
  rejected_rows: ['trace', 'rejected_rows', '12'],
  conflicts: ['trace', 'conflicts', '12'],
} as const satisfies Record<Question['table'], readonly string[]>;

/** Longer than any key of the star, in bytes. */
const MAX_KEY_BYTES = 64;

/** Reads what a person typed. @throws LoaderError (`usage`) */
export function parseQuestion(table: string, words: readonly string[]): Question {
  if (!Object.hasOwn(FORMS, table)) {
    throw new LoaderError(
      'usage',
      `There is nothing to trace in ${JSON.stringify(table)}: it is one of ${Object.keys(FORMS).join(', ')}.`,
      `For example: ${sparkifyCommand(...FORMS.users)}`,
    );
  }
  const known = table as Question['table'];
  const question = questionOf(known, joinTime(words));
  if (question !== undefined) return question;
  throw new LoaderError(
    'usage',
    `${words.map((word) => JSON.stringify(word)).join(' ')} is not a key of ${known}.`,
    `${WANTED[known]}, for example: ${sparkifyCommand(...FORMS[known])}`,
  );
}

const WANTED: Readonly<Record<Question['table'], string>> = {
  songplays: 'Give a songplay_id of 32 hexadecimal digits, or start_time, session_id and item_in_session',
  users: `Give one user_id of 1 to ${MAX_KEY_BYTES} bytes`,
  songs: `Give one song_id of 1 to ${MAX_KEY_BYTES} bytes`,
  artists: `Give one artist_id of 1 to ${MAX_KEY_BYTES} bytes`,
  time: 'Give one start_time, UTC or in epoch milliseconds',
  rejected_rows: 'Give the number or the id of one batch, as status shows it',
  conflicts: 'Give the number or the id of one batch, as status shows it',
};

/** A time is often pasted with a blank between its parts, and comes as two words. */
function joinTime([first, second, ...rest]: readonly string[]): string[] {
  if (first === undefined || second === undefined) return first === undefined ? [] : [first];
  return /^\d{4}-\d\d-\d\d$/.test(first) && second.includes(':')
    ? [`${first}T${second}`, ...rest]
    : [first, second, ...rest];
}

function questionOf(table: Question['table'], words: readonly string[]): Question | undefined {
  const [first = '', ...rest] = words;
  if (table === 'songplays') {
    const key = playKey(first, rest);
    return key && { table, key };
  }
  if (rest.length > 0) return undefined;
  switch (table) {
    case 'time': {
      const key = parseInstant(first);
      return key === undefined ? undefined : { table, key };
    }
    case 'rejected_rows':
    case 'conflicts':
      return /^[\w:.-]{1,64}$/.test(first) ? { table, batch: first } : undefined;
    case 'users':
    case 'songs':
    case 'artists': {
      const key = withoutBlanks(first);
      return key === '' || Buffer.byteLength(key) > MAX_KEY_BYTES || key.includes('\0') ? undefined : { table, key };
    }
  }
}

function playKey(first: string, rest: readonly string[]): PlayKey | { id: string } | undefined {
  if (rest.length === 0) return /^[0-9a-f]{32}$/i.test(first) ? { id: first.toLowerCase() } : undefined;
  const [session = '', item = '', ...more] = rest;
  const startMs = parseInstant(first);
  if (startMs === undefined || more.length > 0 || !isBigint(session) || !isBigint(item)) return undefined;
  return { startMs, sessionId: BigInt(session), itemInSession: BigInt(item) };
}

/** Whether a text is a number that a BIGINT holds. */
function isBigint(text: string): boolean {
  return /^-?\d{1,19}$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text);
}

/** A time as a query shows it, as ISO 8601 has it, or in epoch milliseconds as files have it; UTC unless it says otherwise. */
function parseInstant(text: string): number | undefined {
  const iso = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)(Z|[+-]\d\d:\d\d)?)?$/.exec(text);
  const [, day = '', time = '00:00', zone = 'Z'] = iso ?? [];
  const instant = /^-?\d{1,15}$/.test(text) ? Number(text) : iso ? Date.parse(`${day}T${time}${zone}`) : NaN;
  return instant >= FIRST_MS && instant <= LAST_MS ? instant : undefined;
}

/** The years 1 to 9999, of which alone there are rows. */
const FIRST_MS = Date.parse('0001-01-01T00:00:00.000Z');
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');
