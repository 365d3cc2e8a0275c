/**
 * An error as S3 answers it: a code, a sentence, an HTTP status.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 */
export class S3Error extends Error {
  override readonly name = 'S3Error';
  readonly code: string;
  readonly statusCode: number;
  constructor(code: string, message: string, statusCode: number) {
    super(message);
    this.code = code;
    this.statusCode = statusCode;
  }
}

export const noSuchBucket = (bucket: string): S3Error =>
  new S3Error('NoSuchBucket', `The specified bucket does not exist: ${bucket}`, 404);
export const noSuchKey = (): S3Error => new S3Error('NoSuchKey', 'The specified key does not exist.', 404);
export const accessDenied = (): S3Error => new S3Error('AccessDenied', 'Access Denied', 403);
export const notImplemented = (what: string): S3Error =>
  new S3Error('NotImplemented', `The local S3 does not support ${what}.`, 501);
export const malformedXml = (): S3Error =>
  new S3Error('MalformedXML', 'The XML you provided was not well-formed or did not validate against our schema.', 400);
export const invalidPart = (): S3Error =>
  new S3Error('InvalidPart', 'One or more of the specified parts could not be found.', 400);
