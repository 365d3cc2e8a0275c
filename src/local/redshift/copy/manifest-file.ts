import type { ObjectReader, S3Address } from '../types.ts';
import { parseObject } from './json-object.ts';
import { ObjectForbidden, ObjectMissing, SqlError } from '../types.ts';

/** An object COPY is to load. Not mandatory means: skipped without a word when it does not exist. */
export type LoadFile = { address: S3Address; mandatory: boolean };

/** The `s3://bucket/key` text of an address. */
export function s3Url(address: S3Address): string {
  return `s3://${address.bucket}/${address.key}`;
}

/** Splits `s3://bucket/key`; undefined when the text is not of that form. The key may be empty. */
export function parseS3Url(url: string): S3Address | undefined {
  const match = /^s3:\/\/([^/]+)(?:\/(.*))?$/s.exec(url);
  return match?.[1] === undefined ? undefined : { bucket: match[1], key: match[2] ?? '' };
}

/** The text of a small object (a manifest, a jsonpaths file), which must be plain UTF-8. */
export async function readText(objects: ObjectReader, address: S3Address): Promise<string> {
  const { body } = await objects.read(address);
  if (body instanceof Uint8Array) return new TextDecoder('utf-8').decode(body);
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return new TextDecoder('utf-8').decode(Buffer.concat(chunks));
}

/**
 * The objects named by a COPY: the entries of its manifest in their order, repeats included (Redshift loads a file
 * listed twice twice), or all keys below a prefix. Throws SqlError with Redshift's texts when there is nothing to read.
 * https://docs.aws.amazon.com/redshift/latest/dg/loading-data-files-using-manifest.html
 */
export async function resolveFiles(from: S3Address, manifest: boolean, objects: ObjectReader): Promise<LoadFile[]> {
  if (manifest) return parseManifest(await readManifest(from, objects));
  const found = await forbiddenAs(accessDenied(from), () => objects.list(from));
  if (found.length === 0) throw new SqlError(`The specified S3 prefix '${from.key}' does not exist`);
  return found.map((address) => ({ address, mandatory: false }));
}

/** What Redshift reports when S3 refuses an object. */
export function accessDenied(address: S3Address): SqlError {
  const text =
    'S3ServiceException:Access Denied,Status 403,Error AccessDenied,Rid 0000000000000000,ExtRid none,CanRetry 1';
  return new SqlError(`${text}\n${details(text, `S3 key being read : ${s3Url(address)}`)}`);
}

async function readManifest(from: S3Address, objects: ObjectReader): Promise<string> {
  const text = 'COPY with MANIFEST parameter requires full path of an S3 object.';
  // Redshift gives this text for a prefix and, misleadingly, for a manifest it is not allowed to read.
  const notAnObject = new SqlError(`${text}\n${details(text, s3Url(from))}`);
  if (from.key === '' || from.key.endsWith('/')) throw notAnObject;
  try {
    return await forbiddenAs(notAnObject, () => readText(objects, from));
  } catch (error) {
    if (!(error instanceof ObjectMissing)) throw error;
    throw new SqlError(
      'Problem reading manifest file - S3ServiceException:The specified key does not exist.,' +
        'Status 404,Error NoSuchKey,Rid 0000000000000000,ExtRid none,CanRetry 1',
    );
  }
}

function parseManifest(text: string): LoadFile[] {
  const malformed = new SqlError('Manifest file is not in correct json format');
  const document = parseObject(text, malformed);
  if (!('entries' in document) || !Array.isArray(document.entries)) throw malformed;
  return document.entries.map((entry: unknown) => {
    if (typeof entry !== 'object' || entry === null || !('url' in entry) || typeof entry.url !== 'string')
      throw malformed;
    const mandatory = 'mandatory' in entry ? entry.mandatory : false;
    const address = parseS3Url(entry.url);
    if (!address || address.key === '' || typeof mandatory !== 'boolean') throw malformed;
    return { address, mandatory };
  });
}

async function forbiddenAs<Result>(replacement: SqlError, read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    throw error instanceof ObjectForbidden ? replacement : error;
  }
}

function details(error: string, context: string): string {
  const line = '  -----------------------------------------------';
  return [line, `  error:  ${error}`, '  code:      8001', `  context:   ${context}`, line].join('\n');
}
