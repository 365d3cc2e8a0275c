import { backfillRanges, remainingFrom } from '../../src/catch-up/backfill-order.ts';

test.each([
  [
    '',
    [
      { prefix: 'song_data/', without: [] },
      { prefix: '', without: ['song_data/'] },
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
])('below %j songs come first, and nothing twice', (place, parts) => {
  expect(backfillRanges(place, {})).toEqual(parts);
});

test('the prefixes are those that are configured', () => {
  expect(backfillRanges('', { songs: 'catalogue/' })[0]).toEqual({ prefix: 'catalogue/', without: [] });
});

describe('behind a key', () => {
  const parts = backfillRanges('', {});
  const [songs, rest] = parts;
  const behind = (startAfter: string, ...left: typeof parts) =>
    left.map((part, index) => (index === 0 ? { ...part, startAfter } : part));

  test.each([
    ['of a song, songs and the rest are left', 'song_data/A/1.json', [songs!, rest!]],
    ['of an event, songs are done', 'log_data/2018/11/1.json', [rest!]],
    ['of nothing that is loaded, songs are done', 'readme.txt', [rest!]],
  ])('%s', (_, key, left) => {
    expect(remainingFrom(parts, key)).toEqual(behind(key, ...left));
  });

  test.each(['song_data', 's', ''])('the mark %j is the beginning of songs, and leaves none of them out', (mark) => {
    expect(remainingFrom(parts, mark)).toEqual([
      { ...songs, startAfter: mark },
      { ...rest, startAfter: mark },
    ]);
  });

  test('a mark outside of the place cuts by the order of keys', () => {
    expect(remainingFrom(backfillRanges('song_data/', {}), 'm')).toEqual([
      { prefix: 'song_data/', without: [], startAfter: 'm' },
    ]);
  });
});
