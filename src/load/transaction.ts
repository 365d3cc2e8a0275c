import { placeholdersIn, render, type TemplateValues } from '../sql/template.ts';
import type { Codec, Source } from '../objects/source.ts';
import { byNumber, stageOf } from '../sql/stages.ts';
import type { Statement, Templates, WarehouseNames } from '../sql/statement.ts';
import { groupName, type Group } from './batches.ts';

/** A load's transaction: statements in order, and the Data API parameters they share. */
export type Transaction = { statements: Statement[]; parameters: Record<string, string> };

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

/** Fails once when rows were rejected, so that their files are looked for. */
export const GUARD = 'common/79-count-check-rejected';

/** The last statement of every load: the row of load_batches, read back. */
const REPORT = 'common/90-record-report';

/**
 * The most statements of one transaction.
 * https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_BatchExecuteStatement.html
 */
export const MAX_STATEMENTS = 40;

/** How many statements the sources of one batch may take, beside those of every load. */
export function statementsForSources(templates: Templates): number {
  return MAX_STATEMENTS - [...commonSteps(templates), GUARD].length;
}

/** The name of the Data API parameter every transaction binds. */
const BATCH_ID = 'batch_id';

/** How a transaction differs from that of a new batch. */
export type TransactionOptions = {
  /** The files with rejected rows are known, so the guard is left out. */
  rejectionsFound?: boolean;
  /** Sources whose steps run although none of their files is copied. */
  emptySources?: readonly Source[];
};

/**
 * Builds the transaction that loads some groups and records the results of all objects of the batch. Without groups it only
 * records. Statements run in the order of their file numbers.
 */
export function buildTransaction(
  batchId: string,
  groups: readonly Group[],
  files: ControlFiles,
  names: WarehouseNames,
  templates: Templates,
  { rejectionsFound = false, emptySources = [] }: TransactionOptions = {},
): Transaction {
  const copied = new Set(groups.map((group) => group.source));
  const sources = [...new Set([...copied, ...emptySources])];
  const steps = [
    ...commonSteps(templates),
    ...sources.flatMap((source) => source.steps),
    ...[...copied].map((source) => source.copy),
    ...(copied.size > 0 && !rejectionsFound ? [GUARD] : []),
  ];
  const statements = steps.sort(byNumber).flatMap((name): Statement[] => {
    const copies = groups.filter((group) => group.source.copy === name);
    if (copies.length === 0) return [statement(name, name, { manifest: files.objects }, names, templates)];
    return copies.map((group) => {
      const manifest = files.manifests[groupName(group)];
      if (manifest === undefined) throw new Error(`no manifest was written for ${groupName(group)}`);
      const own = { manifest, codec: CODEC_KEYWORDS[group.codec], validation: '' };
      return { ...statement(`${name} ${group.codec}`, name, own, names, templates), group: groupName(group) };
    });
  });
  return { statements, parameters: { [BATCH_ID]: batchId } };
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
  const own = { manifest, codec: CODEC_KEYWORDS[group.codec], validation: VALIDATION };
  return [
    ...stagingOf(group.source, names, templates),
    statement(`${group.source.copy} noload`, group.source.copy, own, names, templates),
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
  const own = { manifest, codec: CODEC_KEYWORDS[codec], validation: '' };
  return [
    ...stagingOf(source, names, templates),
    { ...statement(`${source.copy} ${codec}`, source.copy, own, names, templates), group: groupName(group) },
    { ...statement(source.usable, source.usable, {}, names, templates), givesRows: true },
  ];
}

/** The steps of every load, whatever its sources. */
function commonSteps(templates: Templates): string[] {
  return Object.keys(templates).filter((path) => path.startsWith('common/') && path !== GUARD);
}

function stagingOf(source: Source, names: WarehouseNames, templates: Templates): Statement[] {
  const steps = source.steps.filter((step) => stageOf(step) === 'stage');
  if (steps.length === 0) throw new Error(`source ${source.name} has no step that creates its staging table`);
  return steps.map((step) => statement(step, step, {}, names, templates));
}

const MARKS: Readonly<Record<string, Pick<Statement, 'givesRows' | 'guard'>>> = {
  [REPORT]: { givesRows: true },
  [GUARD]: { guard: true },
};

function statement(
  name: string,
  file: string,
  own: { manifest?: string; codec?: string; validation?: string },
  names: WarehouseNames,
  templates: Templates,
): Statement {
  const template = templates[file];
  if (template === undefined) throw new Error(`there is no sql/load/${file}.sql`);
  const used = placeholdersIn(template);
  const values: TemplateValues = {
    identifiers: pick({ schema: names.schema }, used),
    literals: pick({ copy_role: names.copyRole, region: names.region, manifest: own.manifest ?? '' }, used),
    keywords: pick({ codec: own.codec ?? '', validation: own.validation ?? '' }, used),
    parameters: used.has(BATCH_ID) ? [BATCH_ID] : [],
  };
  const { text } = render(template, values);
  return { stage: stageOf(file), name, text, ...MARKS[file] };
}

function pick(values: Record<string, string>, used: ReadonlySet<string>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter(([name]) => used.has(name)));
}
