/** `npm run bench`: runs the cases, prints what was measured, and writes it as JSON when asked to. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CASES, type BenchCase, type Scale } from './cases.ts';
import { measurePeers, PEERS_HINT } from './peers/index.ts';
import { machine } from './machine.ts';
import { median, profileText, ratioOf, tableOf, type CaseReport } from './report.ts';

const HELP = `npm run bench -- [--quick] [--case a]… [--peers] [--runs 5] [--json FILE]

  --quick   a fiftieth of every size, once: shows that the bench works, says nothing about time
  --case    only this case; may be given several times
  --peers   only this: the same files loaded by dlt and by a nightly script; dlt is installed by
            ${PEERS_HINT}
  --runs    how often each side runs, in turn (default 5)
  --json    write everything measured to this file

${CASES.map(({ name, title }) => `  ${name}  ${title}`).join('\n')}
`;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    case: { type: 'string', multiple: true },
    peers: { type: 'boolean', default: false },
    runs: { type: 'string' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const PEERS: BenchCase = {
  name: 'peers',
  title: '200,000 events in 200 files and 2,000 songs; then 5,000 events of the next day',
  run: (scale) => measurePeers(scale, say),
};

if (values.help) say(HELP);
else await bench();

async function bench(): Promise<void> {
  const wanted = values.peers ? [PEERS] : CASES.filter(({ name }) => values.case?.includes(name) ?? true);
  if (wanted.length === 0) throw new Error(`there is no such case\n${HELP}`);
  const directory = mkdtempSync(join(tmpdir(), 'sparkify-bench-data-'));
  const scale: Scale = { runs: Number(values.runs ?? (values.quick ? 1 : 5)), quick: values.quick, directory };
  const reports: CaseReport[] = [];
  say(machine());
  try {
    for (const { name, title, run } of wanted) {
      say(`\n(${name}) ${title}`);
      const report = scale.quick ? withoutTargets(await run(scale)) : await run(scale);
      reports.push(report);
      say(tableOf(report.lines));
      for (const [of, profile] of Object.entries(report.profiles ?? {}))
        say(`\n${profileText(`profile of ${of}`, profile)}`);
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
  const lines = reports.flatMap((report) => report.lines);
  const date = new Date().toISOString();
  say(`\n${machine()}, ${date.slice(0, 10)}\n${tableOf(lines)}`);
  if (values.json === undefined) return;
  const measured = lines.map((line) => ({ ...line, median: median(line.ours), ratio: ratioOf(line) }));
  const profiles = Object.assign({}, ...reports.map((report) => report.profiles)) as Record<string, unknown>;
  writeFileSync(
    values.json,
    `${JSON.stringify({ date, machine: machine(), ...scale, lines: measured, profiles }, undefined, 2)}\n`,
  );
}

/** A fiftieth of a case is neither as fast nor as slow as the case. */
function withoutTargets({ lines, ...report }: CaseReport): CaseReport {
  const bare = lines.map((line) => {
    const rest = { ...line };
    delete rest.target;
    return rest;
  });
  return { ...report, lines: bare };
}
