import { globMatcher } from '../../src/objects/glob.ts';
import { parseTimestamp } from '../../src/catch-up/timestamp.ts';
import { parseS3Object, parseS3Prefix } from '../../src/objects/s3-url.ts';

describe('a glob', () => {
  test.each([
    ['*.json', 'song_data/A/x.json', true],
    ['*.json', 'song_data/A/x.json.gz', false],
    ['TRA?.json', 'song_data/TRAB.json', true],
    ['song_data/*.json', 'song_data/A/x.json', false],
    ['song_data/**.json', 'song_data/A/x.json', true],
    ['log_data/2018/1?/*', 'log_data/2018/11/2018-11-03-events.json', true],
    ['a.b[c](d)', 'a.b[c](d)', true],
    ['a.b', 'axb', false],
    ['*🎵?', 'x/y🎵é', true],
  ])('%s held against %s gives %s', (glob, key, matches) => {
    expect(globMatcher(glob)(key)).toBe(matches);
  });
});

describe('a timestamp', () => {
  const now = Date.UTC(2024, 10, 30, 12);
  test.each([
    ['2024-11-03', Date.UTC(2024, 10, 3)],
    ['2024-11-03T14:00', Date.UTC(2024, 10, 3, 14)],
    ['2024-11-03T14:00Z', Date.UTC(2024, 10, 3, 14)],
    ['2024-11-03T14:00:05+02:00', Date.UTC(2024, 10, 3, 12, 0, 5)],
    ['90m', now - 90 * 60_000],
    ['36h', now - 36 * 3_600_000],
    ['7d', now - 7 * 86_400_000],
  ])('%s is read', (text, expected) => {
    expect(parseTimestamp(text, now)).toBe(expected);
  });

  test.each(['yesterday', '2024-13-01', '3 Nov 2024', '12', ''])('%j is refused', (text) => {
    expect(() => parseTimestamp(text, now)).toThrow(expect.objectContaining({ code: 'usage' }) as Error);
  });
});

describe('an S3 URL', () => {
  test('is a bucket and what stands behind it, as it stands', () => {
    expect(parseS3Prefix('s3://landing/song_data/A%20b+c/')).toEqual({ bucket: 'landing', key: 'song_data/A%20b+c/' });
    expect(parseS3Prefix('s3://landing')).toEqual({ bucket: 'landing', key: '' });
    expect(parseS3Object('s3://landing/a\nb/🎵')).toEqual({ bucket: 'landing', key: 'a\nb/🎵' });
  });

  test.each(['landing/song_data', 'https://landing.s3.amazonaws.com/x', 's3://', 's3://UPPER/x', 's3:///x'])(
    '%s is refused, with an example',
    (text) => {
      expect(() => parseS3Prefix(text)).toThrow(expect.objectContaining({ code: 'usage' }) as Error);
    },
  );

  test('that names no object is refused where one is needed', () => {
    expect(() => parseS3Object('s3://landing/')).toThrow('names a bucket and no object');
  });
});
