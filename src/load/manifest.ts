import { s3Url } from '../objects/object-version.ts';

/**
 * The COPY manifest of some objects. `mandatory` is always true: its default lets COPY skip a missing file in silence.
 * Keys go in as they are stored, not encoded.
 * https://docs.aws.amazon.com/redshift/latest/dg/loading-data-files-using-manifest.html
 */
export function manifestFile(objects: readonly { bucket: string; key: string }[]): string {
  return JSON.stringify({ entries: objects.map((object) => ({ url: s3Url(object), mandatory: true })) });
}
