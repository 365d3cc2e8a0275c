import { backfillRanges, remainingFrom } from '../../src/catch-up/backfill-order.ts';
import { placeSources } from '../../src/objects/source.ts';
import { sources } from '../support/wire-shapes.ts';

test.each([
  [
    '',
    [
      { prefix: 'song_data/', without: [] },
      { prefix: 'log_data/', without: [] },
      { prefix: '', without: ['song_data/', 'log_data/'] },
    ],
  ],
  [
    'song',
    [
      { prefix: 'song_data/', without: [] },
      { prefix: 'song', without: ['song_data/'] },
    ],
  ],
  ['song_data/', [{ prefix: 'song_data/', without: [] }]],
  ['song_data/A/', [{ prefix: 'song_data/A/', without: [] }]],
  ['log_data/', [{ prefix: 'log_data/', without: [] }]],
  ['elsewhere/', [{ prefix: 'elsewhere/', without: [] }]],
])('below %j songs come first, and nothing twice', (place, ranges) => {
  expect(backfillRanges(place, sources)).toEqual(ranges);
});

test('the prefixes are those that are configured, and one inside another is listed once', () => {
  const placed = placeSources(sources, 'songs=in/,events=in/log/').sources;
  expect(backfillRanges('', placed)).toEqual([
    { prefix: 'in/', without: ['in/log/'] },
    { prefix: 'in/log/', without: [] },
    { prefix: '', without: ['in/', 'in/log/'] },
  ]);
});

describe('behind a key', () => {
  const ranges = backfillRanges('', sources);
  const [songs, events, rest] = ranges;
  const behind = (startAfter: string, ...left: typeof ranges) =>
    left.map((range, index) => (index === 0 ? { ...range, startAfter } : range));

  test.each([
    ['of a song, songs, events and the rest are left', 'song_data/A/1.json', [songs!, events!, rest!]],
    ['of an event, songs are done', 'log_data/2018/11/1.json', [events!, rest!]],
    ['of nothing that is loaded, songs and events are done', 'readme.txt', [rest!]],
  ])('%s', (_, key, left) => {
    expect(remainingFrom(ranges, key)).toEqual(behind(key, ...left));
  });

  test.each(['song_data', 's', ''])('the mark %j is the beginning of songs, and leaves none of them out', (mark) => {
    expect(remainingFrom(ranges, mark)).toEqual([
      { ...songs, startAfter: mark },
      { ...events, startAfter: mark },
      { ...rest, startAfter: mark },
    ]);
  });

  test('a mark outside of the place cuts by the order of keys', () => {
    expect(remainingFrom(backfillRanges('song_data/', sources), 'm')).toEqual([
      { prefix: 'song_data/', without: [], startAfter: 'm' },
    ]);
  });
});
