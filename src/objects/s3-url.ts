import { LoaderError } from '../errors.ts';

/** A location in S3: a bucket and a key or key prefix. */
export type S3Location = { bucket: string; key: string };

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const URL_SHAPE = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/s;

/**
 * Reads `s3://bucket/prefix`. An empty prefix means the whole bucket. The key is taken as S3 stores it; nothing
 * is decoded.
 * @throws LoaderError (`usage`)
 */
export function parseS3Prefix(text: string): S3Location {
  const parts = URL_SHAPE.exec(text);
  if (!parts) {
    throw new LoaderError(
      'usage',
      `${JSON.stringify(text)} is not an S3 URL.`,
      'Write it like this: s3://my-bucket/song_data/',
    );
  }
  return { bucket: parts[1] ?? '', key: parts[2] ?? '' };
}

/**
 * Reads `s3://bucket/key`, one object.
 * @throws LoaderError (`usage`) also when the key is missing.
 */
export function parseS3Object(text: string): S3Location {
  const place = parseS3Prefix(text);
  if (place.key === '') {
    throw new LoaderError(
      'usage',
      `${JSON.stringify(text)} names a bucket and no object.`,
      'Write bucket and key: s3://my-bucket/song_data/A/song.json',
    );
  }
  return place;
}
