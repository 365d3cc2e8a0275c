import { countNames, describeSource, placeSources, route } from '../../src/objects/source.ts';
import { readSources } from '../../src/sql/files.ts';

const sources = readSources();

describe('a key', () => {
  test.each([
    ['song_data/A/B/C/TRABCEI128F424C983.json', 'songs', 'none'],
    ['log_data/2018/11/2018-11-30-events.json', 'events', 'none'],
    ['log_data/a.json.gz', 'events', 'gzip'],
    ['log_data/a.json.bz2', 'events', 'bzip2'],
    ['song_data/a.json.zst', 'songs', 'zstd'],
    ['song_data/.json', 'songs', 'none'],
  ])('%s is of %s, codec %s', (key, source, codec) => {
    expect(route(key, sources)).toMatchObject({ kind: 'source', source: { name: source }, codec });
  });

  test.each([
    ['other/a.json', 'its prefix belongs to no source'],
    ['backup/log_data/a.json', 'its prefix belongs to no source'],
    ['log_data.json', 'its prefix belongs to no source'],
    ['log_data/a.csv', 'its suffix is not .json, .json.gz, .json.bz2 or .json.zst'],
    ['log_data/a.JSON', 'its suffix is not .json, .json.gz, .json.bz2 or .json.zst'],
    ['log_data/', 'its suffix is not .json, .json.gz, .json.bz2 or .json.zst'],
    ['log_data/a.json.tmp', 'its suffix is not .json, .json.gz, .json.bz2 or .json.zst'],
  ])('%s is ignored: %s', (key, reason) => {
    expect(route(key, sources)).toEqual({ kind: 'ignored', reason });
  });

  test('of a source that was moved is found below its new prefix only', () => {
    const { sources: placed } = placeSources(sources, 'events=app/events/');
    expect(route('app/events/a.json', placed)).toMatchObject({ source: { name: 'events' } });
    expect(route('log_data/a.json', placed).kind).toBe('ignored');
    expect(route('song_data/a.json', placed)).toMatchObject({ source: { name: 'songs' } });
  });

  test('below two prefixes is of the longer one', () => {
    const { sources: placed } = placeSources(sources, 'songs=in/,events=in/log/');
    expect(route('in/log/a.json', placed)).toMatchObject({ source: { name: 'events' } });
    expect(route('in/a.json', placed)).toMatchObject({ source: { name: 'songs' } });
  });
});

test('the sources of this release come in the order of a backfill: what others look things up in first', () => {
  expect(sources.map(({ name }) => name)).toEqual(['songs', 'events']);
  expect(countNames(sources)).toEqual({ skipped: 'other pages', healed: 'plays healed' });
});

test.each([
  ['songs=song_data', 'must look like songs=song_data/,events=log_data/'],
  ['songs=', 'must look like songs=song_data/,events=log_data/'],
  ['songs=a b/', 'must look like songs=song_data/,events=log_data/'],
  ['ratings=in/', 'names ratings, which is not a source'],
  ['songs=in/,events=in/', 'gives songs and events the same prefix'],
  ['songs=log_data/', 'gives songs and events the same prefix'],
])('prefixes %s have a problem: %s', (prefixes, problem) => {
  expect(placeSources(sources, prefixes).problems).toEqual([problem]);
});

describe('the folder of a source', () => {
  const header = {
    defaultPrefix: 'ratings/',
    order: 3,
    rowKey: { fields: { user_id: 'value' }, ignoreCase: false },
    fields: { loaded: { user_id: ['string'] }, leftOut: [] },
    counts: {},
  };
  const files = [
    '14-stage-create-ratings',
    '23-copy-ratings',
    '26-count-usable',
    '82-merge-ratings',
    '42-count-ratings',
  ];
  const described = (change: object, names = files) =>
    describeSource('ratings', JSON.stringify({ ...header, ...change }), names);

  test('says all there is to say of it', () => {
    expect(described({})).toEqual({
      ...header,
      unknownFields: 'tell',
      name: 'ratings',
      prefix: 'ratings/',
      copy: 'ratings/23-copy-ratings',
      usable: 'ratings/26-count-usable',
      steps: ['ratings/14-stage-create-ratings', 'ratings/82-merge-ratings', 'ratings/42-count-ratings'],
    });
  });

  test.each([
    [{ defaultPrefix: 'ratings' }, files, 'sql/load/ratings/source.json'],
    [{ order: 'last' }, files, 'order'],
    [{ colour: 'red' }, files, 'colour'],
    [{ fields: { loaded: { user_id: ['text'] }, leftOut: [] } }, files, 'fields'],
    [{ unknownFields: 'drop' }, files, 'unknownFields'],
    [{}, files.slice(2), 'sql/load/ratings must have one file like 20-copy-songs.sql'],
    [{}, [...files, '24-copy-more'], 'sql/load/ratings must have one file like 20-copy-songs.sql'],
    [{}, files.slice(0, 2), 'sql/load/ratings must have one file like 24-count-usable.sql'],
  ])('%j with %j is refused: %s', (change, names, problem) => {
    expect(() => described(change, names)).toThrow(problem);
  });
});
