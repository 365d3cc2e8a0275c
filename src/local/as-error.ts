import { types } from 'node:util';

/** What was thrown, as an error; JavaScript lets anything be thrown. */
export function toError(thrown: unknown): Error {
  return types.isNativeError(thrown) ? thrown : new Error(String(thrown));
}
