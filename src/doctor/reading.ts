import * as v from 'valibot';
import { parseS3Object, type S3Location } from '../objects/s3-url.ts';
import type { Codec, Source } from '../objects/source.ts';
import { groupName } from '../load/batches.ts';
import { buildValidation } from '../load/transaction.ts';
import type { ListedObject } from '../ports.ts';
import { run, type DatabaseDeps } from './database.ts';
import { fine, unseen, type Finding } from './finding.ts';
import { untestedWriting } from './buckets.ts';

/** The most files of a manifest that is read again. */
const MOST_FILES = 20;
/** How many manifests are looked into. */
const MOST_MANIFESTS = 5;
/** How far back the first look goes. */
const RECENT_MS = 2 * 86_400_000;
/** A validation reads whole files. */
const LIMIT_MS = 120_000;

const CODECS: readonly Codec[] = ['none', 'gzip', 'bzip2', 'zstd'];

/**
 * Lets the warehouse read landing and control bucket, by its own role: COPY with NOLOAD, by the manifest of an earlier load,
 * because doctor writes none. It loads nothing.
 */
export async function checkReading(deps: DatabaseDeps): Promise<Finding[]> {
  const check = 'COPY reads both buckets';
  const { config, templates } = deps.connection;
  const found = await findManifest(deps);
  if (found === undefined) {
    return [unseen(check, `no manifest of an earlier load whose files are there; ${untestedWriting(deps.deployment)}`)];
  }
  const { manifest, source, codec } = found;
  const url = `s3://${config.control.bucket}/${manifest}`;
  const statements = buildValidation({ source, codec, objects: [] }, url, config.names, templates.load);
  const result = await run('validation', statements, LIMIT_MS, deps);
  // Of bad rows the ledger knows; here it only matters that they could be read.
  if (result.kind === 'committed' || result.error.code === 'content') return [fine(check, `NOLOAD of ${url}`)];
  throw result.error;
}

type Manifest = { manifest: string; source: Source; codec: Codec };

/** A small manifest of a load, all of whose files are still there. @throws LoaderError */
async function findManifest({ connection }: DatabaseDeps): Promise<Manifest | undefined> {
  const { config, objects } = connection;
  const groups = config.landing.sources.flatMap((source) =>
    CODECS.map((codec) => ({ source, codec, end: `/${groupName({ source, codec })}.manifest` })),
  );
  const listed = await listRecent(connection);
  const small = listed
    .filter(({ key }) => groups.some(({ end }) => key.endsWith(end)))
    .sort((a, b) => a.sizeBytes - b.sizeBytes)
    .slice(0, MOST_MANIFESTS);
  for (const { bucket, key } of small) {
    const group = groups.find(({ end }) => key.endsWith(end));
    const files = filesOf(await objects.get(bucket, key));
    if (group === undefined || files.length === 0 || files.length > MOST_FILES) continue;
    const heads = await Promise.all(files.map((file) => objects.head(file.bucket, file.key)));
    if (heads.every(({ kind }) => kind === 'present')) return { manifest: key, ...group };
  }
  return undefined;
}

/** One page of what loads wrote: of the last days, or else of the oldest that is kept. Names of batches begin with their day. */
async function listRecent({ config, objects, clock }: DatabaseDeps['connection']): Promise<ListedObject[]> {
  const { bucket, prefix } = config.control;
  const since = new Date(clock.now() - RECENT_MS).toISOString().slice(0, 10).replaceAll('-', '');
  for (const startAfter of [`${prefix}${since}`, undefined]) {
    for await (const page of objects.list(bucket, prefix, startAfter)) {
      if (page.some(({ key }) => key.endsWith('.manifest'))) return page;
      break;
    }
  }
  return [];
}

const manifestText = v.pipe(v.string(), v.parseJson(), v.object({ entries: v.array(v.object({ url: v.string() })) }));

function filesOf(text: string): S3Location[] {
  const parsed = v.safeParse(manifestText, text);
  return parsed.success ? parsed.output.entries.map(({ url }) => parseS3Object(url)) : [];
}
