import { route, SOURCES } from '../../src/objects/source.ts';

describe('a key', () => {
  test.each([
    ['song_data/A/B/C/TRABCEI128F424C983.json', 'songs', 'none'],
    ['log_data/2018/11/2018-11-30-events.json', 'events', 'none'],
    ['log_data/a.json.gz', 'events', 'gzip'],
    ['log_data/a.json.bz2', 'events', 'bzip2'],
    ['song_data/a.json.zst', 'songs', 'zstd'],
    ['song_data/.json', 'songs', 'none'],
  ])('%s is of %s, codec %s', (key, source, codec) => {
    expect(route(key, {})).toMatchObject({ kind: 'source', source: { name: source }, codec });
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
    expect(route(key, {})).toEqual({ kind: 'ignored', reason });
  });

  test('of a source that was moved is found below its new prefix only', () => {
    const prefixes = { events: 'app/events/' };
    expect(route('app/events/a.json', prefixes)).toMatchObject({ source: { name: 'events' } });
    expect(route('log_data/a.json', prefixes).kind).toBe('ignored');
    expect(route('song_data/a.json', prefixes)).toMatchObject({ source: { name: 'songs' } });
  });

  test('below two prefixes is of the longer one', () => {
    const prefixes = { songs: 'in/', events: 'in/log/' };
    expect(route('in/log/a.json', prefixes)).toMatchObject({ source: { name: 'events' } });
    expect(route('in/a.json', prefixes)).toMatchObject({ source: { name: 'songs' } });
  });
});

test('sources have names, prefixes and COPY files of their own', () => {
  for (const property of ['name', 'defaultPrefix', 'copy'] as const) {
    expect(new Set(SOURCES.map((source) => source[property])).size).toBe(SOURCES.length);
  }
});
