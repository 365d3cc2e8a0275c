import { leaveOutLines, placeholdersIn, render, type TemplateValues } from '../sql/template.ts';
import { timestampText } from '../sql/timestamp-text.ts';
import type { Codec, Source } from '../objects/source.ts';
import { byNumber, phaseOf, stageOf, type Phase } from '../sql/stages.ts';
import type { Guard, Statement, Templates, WarehouseNames } from '../sql/statement.ts';
import { groupName, type Group } from './batches.ts';
import { coverSurvey, MAX_RANGES, type TimeRange } from './ranges.ts';
import type { Asked, BatchSurvey } from './survey.ts';

/** What the merge records of its batch. `startedMs`: when staging began, epoch milliseconds. */
export type MergedBatch = { batchId: string; asked: Asked; startedMs: number };

/** The `s3://` URLs of the files COPY reads. */
export type ControlFiles = {
  /** Group name → the URL of its manifest. */
  manifests: Readonly<Record<string, string>>;
  /** The URL of the ledger's rows. */
  objects: string;
};

const CODEC_KEYWORDS: Readonly<Record<Codec, string>> = { none: '', gzip: 'GZIP', bzip2: 'BZIP2', zstd: 'ZSTD' };

/** Loads nothing and reports as many errors as COPY can count. Only for validation; a load never skips a row. */
const VALIDATION = 'NOLOAD MAXERROR 100000';

/**
 * The most statements of one transaction.
 * https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_BatchExecuteStatement.html
 */
export const MAX_STATEMENTS = 40;

/** A line of MERGE's ON that a setting leaves out. */
const BOUND = 'bound';

/** The name of a load file that fails deliberately, and the end of one whose rows the loader reads. */
const CHECK = /-check-(unchanged|covered)$/;
const REPORT = '-report';

/**
 * Builds the transaction that copies some groups into temporary tables and surveys them. It changes no table, so it takes no
 * lock. `emptySources` are sources whose steps run although none of their files is copied.
 */
export function buildStaging(
  groups: readonly Group[],
  files: ControlFiles,
  names: WarehouseNames,
  templates: Templates,
  emptySources: readonly Source[] = [],
): Statement[] {
  const sources = [...new Set([...groups.map(({ source }) => source), ...emptySources])];
  const copies = [...new Set(groups.map(({ source }) => source.copy))];
  const steps = [...stepsOf('staging', sources, templates), ...copies];
  return steps.sort(byNumber).flatMap((name): Statement[] => {
    const copied = groups.filter((group) => group.source.copy === name);
    if (copied.length === 0)
      return [statement(name, name, { literals: { manifest: files.objects } }, names, templates)];
    return copied.map((group) => {
      const manifest = files.manifests[groupName(group)];
      if (manifest === undefined) throw new Error(`no manifest was written for ${groupName(group)}`);
      return { ...copyStatement(group, group.codec, manifest, '', names, templates), group: groupName(group) };
    });
  });
}

/** The statements that survey a staged batch once more, in its session. */
export function buildSurvey(sources: readonly Source[], names: WarehouseNames, templates: Templates): Statement[] {
  return stepsOf('staging', sources, templates)
    .filter((step) => stageOf(step) === 'survey')
    .sort(byNumber)
    .map((name) => statement(name, name, {}, names, templates));
}

/**
 * Builds the transaction that merges what was staged and records it, under the lock. Files that name a range run once for each
 * range that covers the times of their source: three, or fewer where the statements would be too many. `mergeBounds` says
 * whether MERGE carries the range as well.
 */
export function buildMerging(
  { batchId, asked, startedMs }: MergedBatch,
  sources: readonly Source[],
  survey: BatchSurvey,
  names: WarehouseNames,
  templates: Templates,
  { mergeBounds }: { mergeBounds: boolean },
): Statement[] {
  const steps = stepsOf('merging', sources, templates).sort(byNumber);
  const own = {
    literals: { batch_id: batchId, read_after: timestampText(asked.atMs), started_at: timestampText(startedMs) },
    keywords: { asked: String(asked.batchNo) },
    leftOut: mergeBounds ? [] : [BOUND],
  };
  const build = (most: number): Statement[] =>
    steps.flatMap((name) => {
      if (!isPerRange(name, templates)) {
        return [statement(name, name, own, names, templates)];
      }
      const times = survey.times.get(name.split('/')[0] ?? '');
      const ranges = times === undefined ? [] : coverSurvey(times, most);
      return ranges.map((range, index) => rangeStatement(name, range, index + 1, own, names, templates));
    });
  let statements = build(1);
  for (let most = 2; most <= MAX_RANGES; most += 1) {
    const finer = build(most);
    if (finer.length <= MAX_STATEMENTS) statements = finer;
  }
  return statements;
}

/** Whether both transactions of a load with these sources and so many COPYs are within the Data API's limit. */
export function fitsStatements(sources: readonly Source[], copies: number, templates: Templates): boolean {
  const within = (phase: Phase, others: number): boolean =>
    stepsOf(phase, sources, templates).length + others <= MAX_STATEMENTS;
  return within('staging', copies) && within('merging', 0);
}

/**
 * Builds the validation of one group: COPY with NOLOAD, which loads nothing and lists every bad row of every file.
 * https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-load.html#copy-noload
 */
export function buildValidation(
  group: Group,
  manifest: string,
  names: WarehouseNames,
  templates: Templates,
): Statement[] {
  return [
    ...stagingOf(group.source, names, templates),
    copyStatement(group, 'noload', manifest, VALIDATION, names, templates),
  ];
}

/** Builds the transaction that copies one group into staging and counts its rows and the unusable ones; it loads nothing. */
export function buildUsableCount(
  group: Group,
  manifest: string,
  names: WarehouseNames,
  templates: Templates,
): Statement[] {
  const { source, codec } = group;
  return [
    ...stagingOf(source, names, templates),
    { ...copyStatement(group, codec, manifest, '', names, templates), group: groupName(group) },
    { ...statement(source.usable, source.usable, {}, names, templates), givesRows: true },
  ];
}

/** The load files of one transaction, without COPY of landed objects: those of every load, and those of its sources. */
function stepsOf(phase: Phase, sources: readonly Source[], templates: Templates): string[] {
  const common = Object.keys(templates).filter((path) => path.startsWith('common/'));
  return [...common, ...sources.flatMap(({ steps }) => steps)].filter((step) => phaseOf(stageOf(step)) === phase);
}

function stagingOf(source: Source, names: WarehouseNames, templates: Templates): Statement[] {
  const steps = source.steps.filter((step) => stageOf(step) === 'stage');
  if (steps.length === 0) throw new Error(`source ${source.name} has no step that creates its staging table`);
  return steps.map((step) => statement(step, step, {}, names, templates));
}

/** The placeholders of a file that runs once per range; its other identifiers are temporary tables of the range. */
const RANGE = { from: 'range_from', to: 'range_to' };

function isPerRange(file: string, templates: Templates): boolean {
  return placeholdersIn(templates[file] ?? '').has(RANGE.from);
}

function rangeStatement(
  file: string,
  { fromMs, toMs }: TimeRange,
  number: number,
  shared: OwnValues,
  names: WarehouseNames,
  templates: Templates,
): Statement {
  const literals = {
    ...shared.literals,
    // The survey counts whole milliseconds. A TIMESTAMP has microseconds, so the range has those of both its ends as well.
    [RANGE.from]: timestampText(Math.max(fromMs - 1, CALENDAR_MS)),
    [RANGE.to]: `${timestampText(toMs)}999`,
  };
  const tables = [...placeholdersIn(templates[file] ?? '')].filter((name) => name !== 'schema' && !(name in literals));
  const identifiers = Object.fromEntries(tables.map((name) => [name, `${name}_${number}`]));
  return statement(`${file} ${number}`, file, { ...shared, identifiers, literals }, names, templates);
}

/** The first time of the calendar, year 1. */
const CALENDAR_MS = Date.parse('0001-01-01T00:00:00Z');

function copyStatement(
  group: Group,
  suffix: string,
  manifest: string,
  validation: string,
  names: WarehouseNames,
  templates: Templates,
): Statement {
  const { copy } = group.source;
  const keywords = { codec: CODEC_KEYWORDS[group.codec], validation };
  return statement(`${copy} ${suffix}`, copy, { literals: { manifest }, keywords }, names, templates);
}

type OwnValues = Pick<TemplateValues, 'identifiers' | 'keywords'> & {
  literals?: Readonly<Record<string, string>>;
  leftOut?: readonly string[];
};

function statement(
  name: string,
  file: string,
  { identifiers, literals, keywords, leftOut = [] }: OwnValues,
  names: WarehouseNames,
  templates: Templates,
): Statement {
  const text = templates[file];
  if (text === undefined) throw new Error(`there is no sql/load/${file}.sql`);
  const template = leaveOutLines(text, leftOut);
  const used = placeholdersIn(template);
  const values: TemplateValues = {
    identifiers: pick({ schema: names.schema, ...identifiers }, used),
    literals: pick({ copy_role: names.copyRole, region: names.region, ...literals }, used),
    keywords: pick({ ...keywords }, used),
  };
  const guard = CHECK.exec(file)?.[1] as Guard | undefined;
  return {
    stage: stageOf(file),
    name,
    text: render(template, values).text,
    ...(guard === undefined ? {} : { guard }),
    ...(file.endsWith(REPORT) ? { givesRows: true } : {}),
  };
}

function pick(values: Readonly<Record<string, string>>, used: ReadonlySet<string>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter(([name]) => used.has(name)));
}
