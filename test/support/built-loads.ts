import type { Candidate, Codec } from '../../src/objects/source.ts';
import { buildMerging, buildStaging, type ControlFiles, type MergedBatch } from '../../src/load/transaction.ts';
import type { TimeRange } from '../../src/load/ranges.ts';
import type { BatchSurvey } from '../../src/load/survey.ts';
import type { Statement } from '../../src/sql/statement.ts';
import { readLoadFiles } from '../../src/sql/files.ts';
import { candidate } from './wire-shapes.ts';
import { groupName, groupObjects, type Group } from '../../src/load/batches.ts';

/** The load files. */
export const templates = readLoadFiles();
/** The names of a deployment. */
export const names = { schema: 'sparkify', copyRole: 'arn:aws:iam::123456789012:role/copy', region: 'eu-west-1' };
const codecs: Codec[] = ['none', 'gzip', 'bzip2', 'zstd'];
/** An object of each source and codec. */
export const kinds = ['songs', 'events'].flatMap((source) => codecs.map((codec) => candidate({ source, codec })));

/** Control files of some groups. */
export function filesOf(groups: readonly Group[]): ControlFiles {
  const manifests = groups.map((group) => [groupName(group), `s3://control/${groupName(group)}.manifest`]);
  return { objects: 's3://control/objects.json', manifests: Object.fromEntries(manifests) as Record<string, string> };
}

/** Plays of 1970, of 2018 and of 2099, and tracks of two centuries: as many ranges as a merge takes. */
export const scattered: BatchSurvey = {
  rejectedRows: 0,
  times: new Map([
    ['events', { whole: days('1970-01-01', '2099-01-01'), gaps: [days('1970-01-02', '2018-11-01'), days('2018-11-30', '2099-01-01')] }],
    ['songs', { whole: days('1999-01-01', '2018-11-30'), gaps: [days('1999-01-02', '2018-01-01'), days('2018-01-09', '2018-11-01')] }],
  ]),
}; // prettier-ignore
/** Plays of one day. */
export const calm: BatchSurvey = {
  rejectedRows: 0,
  times: new Map([['events', { whole: days('2018-11-01', '2018-11-02'), gaps: [] }]]),
};

function days(from: string, to: string): TimeRange {
  return { fromMs: Date.parse(from), toMs: Date.parse(to) };
}

/** The batch they load. */
export const batch: MergedBatch = {
  batchId: 'batch-1',
  asked: { batchNo: 41, atMs: Date.parse('2018-11-30T21:00:00Z') },
  startedMs: Date.parse('2018-11-30T21:00:01Z'),
};

/** The transactions of a load of some objects. */
export function loadOf(
  objects: readonly Candidate[],
  survey = scattered,
): { staging: Statement[]; merging: Statement[] } {
  const groups = groupObjects(objects);
  const sources = [...new Set(groups.map(({ source }) => source))];
  return {
    staging: buildStaging(groups, filesOf(groups), names, templates),
    merging: buildMerging(batch, sources, survey, names, templates, { mergeBounds: true }),
  };
}
