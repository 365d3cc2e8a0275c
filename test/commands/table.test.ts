import { table } from '../../src/commands/table.ts';

test('numbers stand on the right, text on the left', () => {
  expect(
    table(
      ['key', 'rows'],
      [
        ['a.json', 15_000],
        ['long-name.json', 1],
      ],
    ),
  ).toBe(
    ['key               rows', '──────────────  ──────', 'a.json          15,000', 'long-name.json       1'].join('\n'),
  );
});

test('columns are as wide as what a terminal shows, not as what the text counts', () => {
  const combining = 'e\u0301te\u0301';
  expect(
    table(
      ['title', 'artist'],
      [
        ['東京', 'a'],
        ['🎵🎧', 'b'],
        [combining, 'c'],
        ['plain', 'd'],
      ],
    ),
  ).toBe(['title  artist', '─────  ──────', '東京   a', '🎵🎧   b', `${combining}    c`, 'plain  d'].join('\n'));
});

test('a wide heading widens its column, and no control character is printed', () => {
  expect(table(['曲名曲名曲名曲名', 'n'], [['\u001b[31ma\n', 1]])).toBe(
    ['曲名曲名曲名曲名  n', '────────────────  ─', '\\u001b[31ma\\n     1'].join('\n'),
  );
});

test('what reverses text or is a control of eight bits is printed as an escape, and joined emoji are not', () => {
  expect(table(['key'], [['a\u202egnp.exe\u009b2J\u007f👩\u200d🎤']])).toContain(
    'a\\u202egnp.exe\\u009b2J\\u007f👩\u200d🎤',
  );
});

test('a table of very many rows is one', () => {
  expect(
    table(
      ['n'],
      Array.from({ length: 300_000 }, (_, i) => [i]),
    ).split('\n'),
  ).toHaveLength(300_002);
});
