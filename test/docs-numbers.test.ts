import { readdirSync, readFileSync } from 'node:fs';
import { WAIT_SECONDS } from '../src/aws/redshift.ts';
import { ASSUMED } from '../src/catch-up/prices.ts';
import { DIFFERENCE_LIMITS } from '../src/catch-up/differences.ts';
import { PAGE_LIMITS } from '../src/catch-up/listing-page.ts';
import { MIN_AGE_MS } from '../src/catch-up/reconcile.ts';
import { RECORDS_PER_MESSAGE } from '../src/catch-up/replay-messages.ts';
import { DEFAULT_LIMITS, DEFAULT_RESERVE_SECONDS } from '../src/config.ts';
import { IDS_PER_QUERY } from '../src/ledger/entries.ts';
import { MAX_RETRIES } from '../src/load/react.ts';
import { SEARCH_BUDGET } from '../src/load/search.ts';
import { deployed } from './support/deployed.ts';

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');

const parameter = (name: string): number => deployed('serverless.yml', name);
const receives = deployed('src/deploy/queues.yml', 'maxReceiveCount');
const words = (number: number): string =>
  ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'][number] ?? String(number);
const number = (value: number): string => value.toLocaleString('en-US');

/**
 * What the documentation says about limits: a page, the sentence with `#` in the place of the number, and the number. Wherever
 * the sentence occurs it must have that number, and it must occur.
 */
const STATED: readonly (readonly [page: string, sentence: string, value: string])[] = [
  ['docs/ARCHITECTURE.md', 'a batch of # objects at 13 AWS calls', number(DEFAULT_LIMITS.maxObjects)],
  ['docs/ARCHITECTURE.md', '**A batch holds # objects**', number(DEFAULT_LIMITS.maxObjects)],
  ['docs/ARCHITECTURE.md', '`SPARKIFY_BATCH_OBJECTS` (#)', number(DEFAULT_LIMITS.maxObjects)],
  ['docs/ARCHITECTURE.md', '`SPARKIFY_BATCH_BYTES` (# GiB)', String(DEFAULT_LIMITS.maxBytes / 1024 ** 3)],
  ['docs/ARCHITECTURE.md', '**At most # source-and-codec groups per batch**', words(DEFAULT_LIMITS.maxGroups)],
  ['docs/ARCHITECTURE.md', 'one ledger query per # objects', number(IDS_PER_QUERY)],
  ['docs/ARCHITECTURE.md', 'Each further # objects add', number(IDS_PER_QUERY)],
  ['docs/ARCHITECTURE.md', 'share a budget of # tries', String(SEARCH_BUDGET)],
  ['docs/ARCHITECTURE.md', 'up to # tries per delivery', words(MAX_RETRIES + 1)],
  ['docs/ARCHITECTURE.md', 'plus one for each # s of waiting', String(WAIT_SECONDS)],
  ['docs/ARCHITECTURE.md', 'each # s of waiting another poll', String(WAIT_SECONDS)],
  ['docs/ARCHITECTURE.md', "within the function's # s", String(parameter('loaderTimeoutSeconds'))],
  ['docs/ARCHITECTURE.md', '`windowSeconds` (#)', String(parameter('windowSeconds'))],
  ['docs/ARCHITECTURE.md', 'messages of #, as a backfill', String(RECORDS_PER_MESSAGE)],
  ['docs/OPERATIONS.md', 'up to # per message', String(RECORDS_PER_MESSAGE)],
  ['docs/OPERATIONS.md', 'the limits of one load | #, 1 GiB |', String(DEFAULT_LIMITS.maxObjects)],
  ['docs/OPERATIONS.md', 'for cancelling and replying | # |', String(DEFAULT_RESERVE_SECONDS)],
  ['docs/OPERATIONS.md', 'Both list # objects at a time', number(PAGE_LIMITS.page)],
  ['docs/OPERATIONS.md', 'each # differences are one more', number(DIFFERENCE_LIMITS.rows)],
  ['docs/OPERATIONS.md', 'and # to write it', String(PAGE_LIMITS.page / PAGE_LIMITS.file + 1)],
  ['docs/CHANGELOG.md', 'compares pages of # objects', number(PAGE_LIMITS.page)],
  ['docs/OPERATIONS.md', 'last # minutes to the queue', String(MIN_AGE_MS / 60_000)],
  ['docs/OPERATIONS.md', 'hidden for # minutes', String(parameter('visibilitySeconds') / 60)],
  ['docs/OPERATIONS.md', 'after # receives the queue moves it', String(receives)],
  ['docs/DEPLOY.md', '| `windowSeconds` | # |', String(parameter('windowSeconds'))],
  [
    'docs/DEPLOY.md',
    '| `loaderTimeoutSeconds`, `visibilitySeconds` | # |',
    `${parameter('loaderTimeoutSeconds')}, ${parameter('visibilitySeconds')}`,
  ],
  [
    'docs/DEPLOY.md',
    '| `freshnessSeconds`, `quietHours`, `dailyRpuHours` | # |',
    ['freshnessSeconds', 'quietHours', 'dailyRpuHours'].map(parameter).join(', '),
  ],
  [
    'docs/DEPLOY.md',
    '| `baseCapacity`, `maxCapacity` | # |',
    ['baseCapacity', 'maxCapacity'].map(parameter).join(', '),
  ],
  ['docs/DEPLOY.md', '| `waitingMinutes` | # |', String(parameter('waitingMinutes'))],
  ['docs/DEPLOY.md', '| `logRetentionDays` | # |', String(parameter('logRetentionDays'))],
  ['docs/COST.md', '*# seconds*, the default', String(parameter('windowSeconds'))],
  ['docs/COST.md', '# files in a full batch', number(DEFAULT_LIMITS.maxObjects)],
  ['docs/COST.md', '`maxCapacity` (# RPU)', String(parameter('maxCapacity'))],
  ['docs/COST.md', '# RPU, the smallest warehouse', String(ASSUMED.redshiftRpus.low)],
  ['docs/SPEED.md', 'one ledger query per # objects', number(IDS_PER_QUERY)],
  ['docs/SPEED.md', 'batches of #', number(DEFAULT_LIMITS.maxObjects)],
  ['docs/CHANGELOG.md', 'A batch holds up to # objects', number(DEFAULT_LIMITS.maxObjects)],
  ['README.md', 'two for each # objects beyond', number(IDS_PER_QUERY)],
  ['README.md', 'AWS calls per batch of # objects', number(DEFAULT_LIMITS.maxObjects)],
];

/** The numbers, or words for them, that stand at `#` in a text. */
function stated(text: string, sentence: string): string[] {
  const [before = '', after = ''] = sentence.split('#').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return [...text.matchAll(new RegExp(`${before}([\\w,]+(?:, \\d+)*)${after}`, 'g'))].map(([, value]) => value ?? '');
}

test.each(STATED)('%s says «%s» with the number of the code, %s', (page, sentence, value) => {
  const found = stated(read(page), sentence);
  expect(found).not.toEqual([]);
  expect(found).toEqual(found.map(() => value));
});

test('a number that differs from the code is found', () => {
  expect(
    stated('A batch holds up to 4,000 objects. A batch holds up to five objects', 'holds up to # objects'),
  ).toEqual(['4,000', 'five']);
});

test('no SQL file repeats a limit', () => {
  const limits = [DEFAULT_LIMITS.maxObjects, IDS_PER_QUERY, RECORDS_PER_MESSAGE].flatMap((limit) => [
    String(limit),
    number(limit),
  ]);
  const repeats = (text: string): boolean =>
    limits.some((limit) => new RegExp(`(?<![\\w.,])${limit}(?![\\w,])`).test(text)) || /\bthousands?\b/i.test(text);
  expect(repeats(`-- up to ${number(DEFAULT_LIMITS.maxObjects)} objects`)).toBe(true);
  expect(repeats('-- four\n-- thousand objects')).toBe(true);
  const files = readdirSync(new URL('../sql/', import.meta.url), { recursive: true, encoding: 'utf8' });
  const sql = files.filter((file) => file.endsWith('.sql'));
  expect(sql.length).toBeGreaterThan(50);
  expect(sql.filter((file) => repeats(read(`sql/${file}`)))).toEqual([]);
});
