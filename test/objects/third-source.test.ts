import { cutBatches, groupName, groupObjects, readDelivery, skipKnownVersions } from '../../src/load/plan.ts';
import { route, SOURCES, type Source } from '../../src/objects/source.ts';
import { buildTransaction, buildValidation } from '../../src/load/transaction.ts';
import { readSqlFiles } from '../../src/sql/files.ts';
import { createdBody } from '../support/wire-shapes.ts';

// What someone adds who wants a third kind of file: one entry in the source table, and its SQL files.
const playlists: Source = {
  name: 'playlists',
  defaultPrefix: 'playlist_data/',
  copy: '23-playlists-copy',
  steps: ['12-playlists-create-staging', '45-playlists-merge', '72-playlists-count'],
  usable: '26-playlists-usable',
  rowKey: { fields: ['playlist_id'], ignoreCase: false },
};
const ownTemplates = {
  '12-playlists-create-staging': 'CREATE TEMP TABLE staging_playlists (playlist_id VARCHAR(64), name VARCHAR(1024))',
  '23-playlists-copy': `COPY staging_playlists FROM :'manifest' IAM_ROLE :'copy_role' REGION :'region'
MANIFEST FORMAT AS JSON 'auto' :codec COMPUPDATE OFF STATUPDATE OFF :validation`,
  '45-playlists-merge': `MERGE INTO :"schema".playlists USING staging_playlists AS staged
ON :"schema".playlists.playlist_id = staged.playlist_id
WHEN MATCHED THEN UPDATE SET name = staged.name
WHEN NOT MATCHED THEN INSERT (playlist_id, name) VALUES (staged.playlist_id, staged.name)`,
  '26-playlists-usable': 'SELECT COUNT(*) AS rows_staged, 0 AS rows_rejected FROM staging_playlists',
  '72-playlists-count': `INSERT INTO staging_counts
SELECT 'playlists', COUNT(*), COUNT(*), 0, 0, 0, 0, 0 FROM staging_playlists`,
};

const sources = [...SOURCES, playlists];
const templates = { ...readSqlFiles('load'), ...ownTemplates };
const names = { schema: 'sparkify', copyRole: 'arn:aws:iam::123456789012:role/copy', region: 'eu-west-1' };
const keys = ['playlist_data/1.json', 'log_data/a.json.gz', 'playlist_data/2.json.gz'];

/** Takes the keys from their messages to the statements that load them. */
function statementsFor(loaded: readonly string[], known: readonly Source[]) {
  const messages = loaded.map((key, n) => ({ messageId: `m${n}`, body: createdBody({ key }) }));
  const landing = { buckets: ['sparkify-landing'], prefixes: {}, sources: known };
  const { load } = skipKnownVersions(readDelivery(messages, landing).candidates, new Map());
  const batches = cutBatches(load, { maxObjects: 10, maxBytes: 1e6, maxGroups: 4 });
  return batches.flatMap((batch) => {
    const groups = groupObjects(batch);
    const manifests = Object.fromEntries(groups.map((group) => [groupName(group), `s3://c/${groupName(group)}`]));
    return buildTransaction('b1', groups, { objects: 's3://c/objects', manifests }, names, templates).statements;
  });
}

describe('a third source', () => {
  test('is routed by its prefix', () => {
    expect(route('playlist_data/1.json.zst', {}, sources)).toMatchObject({ source: playlists, codec: 'zstd' });
    expect(route('playlist_data/1.json', {})).toMatchObject({ kind: 'ignored' });
  });

  test('is loaded in the transaction of the others, each of its steps in its place', () => {
    const statements = statementsFor(keys, sources);
    expect(statements.filter(({ name }) => name.includes('playlists')).map(({ stage, name }) => [stage, name])).toEqual(
      [
        ['stage', '12-playlists-create-staging'],
        ['copy', '23-playlists-copy none'],
        ['copy', '23-playlists-copy gzip'],
        ['merge', '45-playlists-merge'],
        ['count', '72-playlists-count'],
      ],
    );
    expect(statements.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['01-lock', '21-events-copy gzip', '57-events-merge-songplays', '90-report']),
    );
    expect(statements.find(({ name }) => name === '23-playlists-copy gzip')?.text).toContain(
      "FROM 's3://c/playlists-gzip'",
    );
  });

  test('changes no statement of the others', () => {
    const others = statementsFor(keys, sources).filter(({ name }) => !name.includes('playlists'));
    expect(others).toEqual(statementsFor(['log_data/a.json.gz'], SOURCES));
  });

  test('is validated like the others', () => {
    const statements = buildValidation({ source: playlists, codec: 'none', objects: [] }, 's3://c/m', names, templates);
    expect(statements.map(({ name }) => name)).toEqual(['12-playlists-create-staging', '23-playlists-copy noload']);
  });
});
