import { readFileSync, writeFileSync } from 'node:fs';
import { buildMerging, buildStaging, buildValidation } from '../../src/load/transaction.ts';
import { readLoadFiles } from '../../src/sql/files.ts';
import type { BatchSurvey } from '../../src/load/survey.ts';
import { candidate } from '../support/wire-shapes.ts';
import type { Statement } from '../../src/sql/statement.ts';
import type { Candidate } from '../../src/objects/source.ts';
import { groupName, groupObjects } from '../../src/load/batches.ts';

const GOLDEN = new URL('./golden/transaction.sql', import.meta.url);
const REWRITE = 'UPDATE_GOLDEN=1 npm test -- golden';

const templates = readLoadFiles();
const names = { schema: 'sparkify', copyRole: 'arn:aws:iam::123456789012:role/sparkify-copy', region: 'eu-west-1' };
const attempt = 's3://sparkify-control/loads/20181130t210405z-5f3a9c21-0-1';

const songs = candidate({ key: 'song_data/A/B/C/TRABCEI128F424C983.json', source: 'songs' });
const packedSongs = candidate({ key: 'song_data/all.json.gz', source: 'songs', codec: 'gzip' });
const events = candidate({ key: 'log_data/2018/11/2018-11-30-events.json' });
const packedEvents = candidate({ key: 'log_data/2018/11/2018-11-29-events.json.gz', codec: 'gzip' });

const at = (text: string): number => Date.parse(`${text}Z`);
const batch = {
  batchId: '20181130t210405z-5f3a9c21-0',
  asked: { batchNo: 41, atMs: at('2018-11-30T21:04:05.000') },
  startedMs: at('2018-11-30T21:04:06.000'),
};
/** Plays of one month with a stray one of 1970, and songs whose tracks were played in that month. */
const survey: BatchSurvey = {
  rejectedRows: 0,
  times: new Map([
    [
      'events',
      {
        whole: { fromMs: at('1970-01-01T00:00:00.000'), toMs: at('2018-11-30T21:04:05.796') },
        gaps: [{ fromMs: at('1970-01-01T00:00:00.000'), toMs: at('2018-11-01T21:01:46.796') }],
      },
    ],
    ['songs', { whole: { fromMs: at('2018-11-01T00:00:00.000'), toMs: at('2018-11-29T23:59:59.999') }, gaps: [] }],
  ]),
};

function statementsOf(objects: readonly Candidate[], found = survey): Statement[] {
  const groups = groupObjects(objects);
  const manifests = Object.fromEntries(
    groups.map((group) => [groupName(group), `${attempt}/${groupName(group)}.manifest`]),
  );
  const files = { objects: `${attempt}/objects.json`, manifests };
  const sources = [...new Set(groups.map(({ source }) => source))];
  return [
    ...buildStaging(groups, files, names, templates),
    ...buildMerging(batch, sources, found, names, templates, { mergeBounds: true }),
  ];
}

function texts(title: string, statements: readonly Statement[]): string {
  const blocks = statements.map(({ stage, name, text }) => `-- ${stage}: ${name}\n${text};\n`);
  return `-- ==== ${title} ====\n\n${blocks.join('\n')}`;
}

function namesOnly(title: string, statements: readonly Statement[]): string {
  const lines = statements.map(({ stage, name }) => `-- ${stage}: ${name}\n`);
  return `-- ==== ${title}, names only ====\n\n${lines.join('')}`;
}

/** Everything a reviewer of a change to the SQL wants to see. */
function rendered(): string {
  const validated = groupObjects([packedEvents]).flatMap((group) =>
    buildValidation(group, `${attempt}/events-gzip.manifest`, names, templates),
  );
  return [
    texts('songs and events, plain and gzip', statementsOf([songs, packedSongs, events, packedEvents])),
    texts('validation of gzipped events', validated),
    namesOnly('songs that no play names', statementsOf([songs], { ...survey, times: new Map() })),
    namesOnly('events', statementsOf([events])),
    namesOnly('nothing to load, only to record', statementsOf([])),
  ].join('\n');
}

test('the statements of a load are those that were reviewed', () => {
  const text = rendered();
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(GOLDEN, text);
  try {
    expect(text).toBe(readFileSync(GOLDEN, 'utf8'));
  } catch (error) {
    throw new Error(`${String(error)}\n\nIf the change is meant, accept and review it: ${REWRITE}`, { cause: error });
  }
});
