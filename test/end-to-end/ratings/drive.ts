import { placeSources } from '../../../src/objects/source.ts';
import { schemaDeps } from '../../../src/commands/create-tables.ts';
import { readWarehouseStatus } from '../../../src/ledger/status.ts';
import { ledgerOf } from '../../../src/commands/connection.ts';
import { grantStatements } from '../../../src/schema/migrations.ts';
import { starTables } from '../../../src/schema/relations.ts';
import { dropSchema, grantTo, upgradeSchema } from '../../../src/schema/upgrade.ts';
import { seededRandom } from '../../../src/local/random.ts';
import { LOCAL_NAMES, LOCAL_USERS, startStack } from '../../../src/local/stack.ts';

/** One rating as files have it. */
type Rating = { user_id: string; song_id: string; rating: number; rated_at: number };

const [home = '', seed = '1'] = process.argv.slice(2);
const random = seededRandom(Number(seed));
const pick = (below: number): number => Math.floor(random() * below);

/** Files that say different things of few users and songs. */
const files = Array.from({ length: 24 }, () =>
  Array.from({ length: 5 }, (): Rating => ({
    user_id: `u${pick(4)}`,
    song_id: `s${pick(3)}`,
    rating: pick(6),
    rated_at: 1_541_000_000_000 + pick(8) * 1000,
  })),
);

/** What the star must hold, whatever came when: the newest rating of each user and song, of equally new ones the greatest. */
const oldestFirst = files.flat().sort((a, b) => a.rated_at - b.rated_at || a.rating - b.rating);
const newest = new Map(oldestFirst.map((one) => [`${one.user_id} ${one.song_id}`, one.rating]));
const expected = [...newest].map(([key, rating]) => `${key} ${rating}`).sort();

const PLAY = '{"page": "NextSong", "ts": 1541000000000, "sessionId": 1, "itemInSession": 1, "userId": "u1"}';

const stack = await startStack({ home, inMemory: true, batchSize: 10, windowSeconds: 0 });
try {
  const { connection } = stack;
  const { schema, load } = connection.templates;
  const upgraded = await upgradeSchema(schemaDeps(connection));
  await grantTo(LOCAL_USERS.loader, 'load', schemaDeps(connection));
  const rows = (sql: string) => connection.warehouse.query('test', sql, {}, Date.now() + 60_000);
  const put = (key: string, ratings: readonly Rating[]): Promise<void> =>
    connection.objects.put(LOCAL_NAMES.landingBucket, key, ratings.map((one) => JSON.stringify(one)).join('\n'));
  // Each file lands once or twice, among the others.
  const landings = files.flatMap((file, n) => Array.from({ length: 1 + pick(2) }, () => ({ n, file, at: random() })));
  for (const { n, file } of landings.sort((a, b) => a.at - b.at)) await put(`rating_data/${n}.json`, file);
  // The other sources land beside it, in the same deliveries.
  await connection.objects.put(LOCAL_NAMES.landingBucket, 'song_data/1.json', '{"song_id": "s1"}');
  await connection.objects.put(LOCAL_NAMES.landingBucket, 'log_data/1.json', PLAY);
  await connection.objects.put(
    LOCAL_NAMES.landingBucket,
    'rating_data/bad.json',
    '{"user_id": "u1", "rating": "many"}',
  );
  await stack.idle();
  const star = await rows('SELECT user_id, song_id, rating FROM sparkify.ratings');
  const notLoaded = await rows("SELECT key, status FROM sparkify.objects_now WHERE status <> 'loaded'");
  const status = await readWarehouseStatus([...starTables(schema, load), 'rejected_rows'], ledgerOf(connection));
  const grants = grantStatements(connection.templates, 'sparkify', 'loader', 'load').map(({ text }) => text);
  await dropSchema(schemaDeps(connection));
  const left = await rows('SELECT 1 FROM sparkify.ratings').then(
    () => 'ratings',
    () => 'nothing',
  );
  const moved = placeSources(connection.config.landing.sources, 'ratings=in/ratings/');
  const answer = {
    applied: upgraded.applied,
    expected,
    star: star.map((row) => [row.user_id, row.song_id, row.rating].join(' ')).sort(),
    notLoaded,
    status: status.tables,
    grants: grants.filter((text) => text.includes('ratings')),
    left,
    moved: moved.sources.map(({ name, prefix }) => `${name} ${prefix}`),
    sources: connection.config.landing.sources.map(({ name }) => name),
  };
  process.stdout.write(JSON.stringify(answer));
} finally {
  await stack.stop();
}
