import { s3Url } from './object-version.ts';

/**
 * The COPY manifest of some objects. `mandatory` is always true: by default COPY silently skips a missing file.
 * Keys are written as S3 stores them, not encoded.
 * https://docs.aws.amazon.com/redshift/latest/dg/loading-data-files-using-manifest.html
 */
export function manifestFile(objects: readonly { bucket: string; key: string }[]): string {
  return JSON.stringify({ entries: objects.map((object) => ({ url: s3Url(object), mandatory: true })) });
}
