import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const SEARCHED = ['src', 'sql', 'docs', 'events', 'test', 'README.md', 'CONTRIBUTING.md', 'serverless.yml'];

/** Words that were replaced, and what to write instead. Each matches whole words only. */
const REPLACED: readonly { word: RegExp; say: string }[] = [
  { word: /\bterritor(y|ies)\b/i, say: 'landing' },
  { word: /\bsettles?\b/i, say: 'skip known versions, decide, finish' },
  { word: /\bmoments?\b/i, say: 'timestamp, time' },
  { word: /\bfates?\b/i, say: 'result, outcome' },
  { word: /\bset(s|ting)?( them| it)? aside\b/i, say: 'quarantined, vanished or not loaded' },
  { word: /\bgive back\b/i, say: 'change visibility, return' },
  { word: /\bhide seconds\b/i, say: 'visibility timeout' },
  { word: /\bcause of death\b/i, say: 'failure reason' },
  { word: /\bForce\b/, say: 'replay mode' },
];

/** Text with its identifiers taken apart: `hideSeconds`, `HIDE_SECONDS` and `hide-seconds` are the words "hide seconds". */
function wordsOf(text: string): string {
  return text.replace(/([a-z0-9])([A-Z])/g, '$1 $2').replace(/(?<=\w)[_-](?=\w)/g, ' ');
}

/** Lines that use a replaced word, as `file:line: word → replacement`. */
function misuses(file: string, text: string): string[] {
  return text.split('\n').flatMap((line, index) =>
    REPLACED.flatMap(({ word, say }) => {
      const found = word.exec(wordsOf(line))?.[0];
      return found === undefined ? [] : [`${file}:${index + 1}: "${found}" → write: ${say}`];
    }),
  );
}

function filesBelow(path: string): string[] {
  if (/\.\w+$/.test(path)) return [path];
  return readdirSync(`${ROOT}${path}`, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(ROOT.length));
}

test.each([
  ['const territory = 1;', 'landing'],
  ['type Force = string;', 'replay mode'],
  ['settle(candidates, ledger);', 'skip known versions, decide, finish'],
  ['LAST_MOMENT_MS', 'timestamp, time'],
  ['the fate of an object', 'result, outcome'],
  ['queue.giveBack(messages)', 'change visibility, return'],
  ['HIDE_SECONDS', 'visibility timeout'],
  ['causeOfDeath(letter)', 'failure reason'],
  ['It is set aside: 1207', 'quarantined, vanished or not loaded'],
  ['setAsideText(rows)', 'quarantined, vanished or not loaded'],
])('a replaced word in «%s» is found', (line, say) => {
  expect(misuses('a.ts', `fine\n${line}`)).toEqual([
    expect.stringMatching(new RegExp(`^a\\.ts:2: .* → write: ${say}$`)),
  ]);
});

test.each([
  'await Promise.allSettled(all);',
  'await rm(home, { recursive: true, force: true });',
  'brute force',
  'asset',
])('«%s» uses none of them', (line) => {
  expect(misuses('a.ts', line)).toEqual([]);
});

test('replaced words do not come back in code, SQL, tests, documentation or deployment', () => {
  const files = SEARCHED.flatMap(filesBelow).filter((file) => file !== 'test/words.test.ts');
  expect(files.length).toBeGreaterThan(300);
  expect(files.flatMap((file) => misuses(file, readFileSync(`${ROOT}${file}`, 'utf8')))).toEqual([]);
});
