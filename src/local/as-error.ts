import { types } from 'node:util';

/** Anything thrown, as an Error. */
export function toError(thrown: unknown): Error {
  return types.isNativeError(thrown) ? thrown : new Error(String(thrown));
}
