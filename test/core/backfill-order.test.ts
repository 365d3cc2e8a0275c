import { backfillParts, partsFrom } from '../../src/core/backfill-order.ts';

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
  expect(backfillParts(place, {})).toEqual(parts);
});

test('the prefixes are those that are configured', () => {
  expect(backfillParts('', { songs: 'catalogue/' })[0]).toEqual({ prefix: 'catalogue/', without: [] });
});

describe('behind a key', () => {
  const [songs, rest] = backfillParts('', {});

  test.each([
    ['of a song, songs and the rest are left', 'song_data/A/1.json', [songs, rest]],
    ['of an event, songs are done', 'log_data/2018/11/1.json', [rest]],
    ['of nothing that is loaded, songs are done', 'readme.txt', [rest]],
  ])('%s', (_, key, left) => {
    expect(partsFrom(backfillParts('', {}), key)).toEqual(left);
  });

  test('that is not below the place, it stands in the order of keys', () => {
    const parts = backfillParts('song_data/', {});
    expect(partsFrom(parts, 'm')).toEqual(parts);
  });
});
