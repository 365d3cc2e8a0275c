/**
 * A call the Data API refuses before any SQL runs. It leaves as `{"__type": exception, "Message": message}`.
 * HTTP statuses are those of the service model:
 * https://docs.aws.amazon.com/redshift-data/latest/APIReference/CommonErrors.html
 */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly exception: string;
  readonly httpStatus: number;
  /** Further members of the error's body, such as `ResourceId` or `StatementId`. */
  readonly details: Record<string, string>;
  constructor(exception: string, message: string, httpStatus: number, details: Record<string, string> = {}) {
    super(message);
    this.exception = exception;
    this.httpStatus = httpStatus;
    this.details = details;
  }
}

/** The refusal of a request whose shape or values are wrong. */
export const invalid = (message: string): ServiceError => new ServiceError('ValidationException', message, 400);

/** The refusal of an id nobody knows, or of a result that does not exist (yet). */
export const notFound = (message: string, id: string): ServiceError =>
  new ServiceError('ResourceNotFoundException', message, 404, { ResourceId: id });
