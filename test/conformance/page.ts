/** docs/CONFORMANCE.md, made of the beliefs, the probes and what was observed. */
import { AREAS, idOf, shown, type Belief } from './belief.ts';
import { BELIEFS } from './beliefs.ts';
import { PROBES } from './conformance.ts';
import { estimate, estimateText } from './estimate.ts';
import type { Observation, Observed } from './observed.ts';
import type { Probe } from './probes/probe.ts';

/** A region whose prices are known, for the example. */
const EXAMPLE_REGION = 'us-east-1';

/** Who stands behind a belief. */
function standing(source: string | undefined): 'AWS' | 'PostgreSQL' | 'reported' | 'nobody' {
  if (source === undefined) return 'nobody';
  if (source.startsWith('https://docs.aws.amazon.com/')) return 'AWS';
  return source.startsWith('https://github.com/postgres/') ? 'PostgreSQL' : 'reported';
}

/** A cell of a table: on one line, in which nothing is markup. */
const cell = (text: string): string => {
  const line = text.replace(/\s+/g, ' ').replaceAll('|', '\\|');
  const short = line.length > 160 ? `${line.slice(0, 160)}…` : line;
  return short.replace(/[<>*_]/g, (mark) => `\\${mark}`).replaceAll('`', "'");
};

const table = (head: readonly string[], rows: readonly (readonly string[])[], numbers: number): string =>
  [head, head.map((_, column) => (column > 0 && column <= numbers ? '---:' : '---')), ...rows]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n');

const last = (observed: Observed, id: string): Observation | undefined => observed[id]?.at(-1);

/** The page. */
export function conformancePage(observed: Observed): string {
  const judged = [...BELIEFS, ...PROBES.filter(({ believed }) => believed !== undefined)];
  const clusters = [...new Set(Object.values(observed).flatMap((list) => list.map(({ cluster }) => cluster)))];
  return `# Conformance

What this product believes of Redshift and its Data API, and who says so. No Redshift was within reach when it was written: the local warehouse is built on these beliefs, and every test rests on it. The same list runs against a cluster:

\`\`\`sh
npm run conformance -- --stage dev          # says what it will cost, and stops
npm run conformance -- --stage dev --yes    # prints what differs, and what the probes say
npm run conformance -- --stage dev --yes --record
npm run conformance -- --local              # against the local warehouse, as npm test does
\`\`\`

Without \`--stage\` and \`--local\` it runs against the warehouse of the environment. It needs the right to create schemas and temporary tables, and to write to the control bucket. Everything happens in two scratch schemas and below a scratch prefix of the control bucket, which are removed at the end, after Ctrl-C too. \`--area\` and \`--name\` select, \`--json\` prints an object. Exit code 1 means that something differs.
\`--record\` adds what the cluster did to \`test/conformance/observed.json\`, from which this page is made: \`UPDATE_GOLDEN=1 npm test -- conformance/page\`.

By its own words a whole run costs, in ${EXAMPLE_REGION}: ${estimateText(estimate(BELIEFS, PROBES, EXAMPLE_REGION), EXAMPLE_REGION)} It makes at most ten calls a second, half of the Data API's quota for transactions, so that loads go on.

## By area

Documented: a page of AWS is named that describes it. The reading is ours, and so is a text that no page has: from a cluster such a text is recorded, and not judged. PostgreSQL: Redshift's manual is silent, and PostgreSQL 8.0, from which it descends, does so. Reported: somebody has seen it. Ours: nobody says so, so that only a cluster can tell. Local: what the local warehouse does as believed. Observed: ${clusters.length === 0 ? 'nobody has run it against a cluster yet' : clusters.join(', ')}.

${table(
  ['area', 'beliefs', 'documented', 'PostgreSQL', 'reported', 'ours', 'local', 'observed'],
  [
    ...AREAS.map((area) =>
      areaRow(
        area,
        judged.filter((one) => one.area === area),
        observed,
      ),
    ),
    areaRow('**all**', judged, observed),
  ],
  7,
)}

## Beliefs that nobody vouches for

${judged
  .filter(({ source }) => source === undefined)
  .map((one) => `- ${one.area}: ${cell(one.name)} → ${cell(expectedOf(one))}`)
  .join('\n')}

## Where the local warehouse does otherwise

${BELIEFS.flatMap(({ area, name, localDiffers }) => (localDiffers === undefined ? [] : [`- ${area}: ${cell(name)}. Locally ${localDiffers}.`])).join('\n')}

## Probes

Questions whose answers are recorded. Nothing is expected of them: the product is right with any answer, and faster, or clearer in its messages, with some.

${table(
  ['area', 'question', 'last answer'],
  PROBES.filter(({ believed }) => believed === undefined).map((probe) => [
    probe.area,
    cell(probe.name),
    cell(last(observed, idOf(probe))?.result ?? '—'),
  ]),
  0,
)}
`;
}

function areaRow(area: string, beliefs: readonly (Belief | Probe)[], observed: Observed): string[] {
  const by = (who: ReturnType<typeof standing>): string =>
    String(beliefs.filter(({ source }) => standing(source) === who).length);
  const local = beliefs.filter((one) => !('localDiffers' in one)).length;
  const seen = beliefs.flatMap((one) => last(observed, idOf(one)) ?? []);
  const right = seen.filter(({ asBelieved }) => asBelieved).length;
  const cells = [by('AWS'), by('PostgreSQL'), by('reported'), by('nobody'), String(local)];
  return [area, String(beliefs.length), ...cells, seen.length === 0 ? '—' : `${right} of ${seen.length}`];
}

function expectedOf(one: Belief | Probe): string {
  return 'expected' in one ? shown(one.expected) : (one.believed ?? '');
}
