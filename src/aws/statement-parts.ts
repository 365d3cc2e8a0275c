import type { Field, SqlParameter } from '@aws-sdk/client-redshift-data';
import { LoaderError } from '../errors.ts';

/** Whether a status is final. */
export function isFinal(status: string | undefined): boolean {
  return status === 'FINISHED' || status === 'FAILED' || status === 'ABORTED';
}

/** The id of a statement or session. @throws LoaderError without one. */
export function idOf(id: string | undefined): string {
  if (id === undefined) throw new LoaderError('unexpected', 'the Data API gave no statement id', 'Try again');
  return id;
}

/** Parameters as the Data API takes them; none are left out. */
export function withParameters(parameters: Readonly<Record<string, string>>): { Parameters?: SqlParameter[] } {
  const list = Object.entries(parameters).map(([name, value]) => ({ name, value }));
  return list.length === 0 ? {} : { Parameters: list };
}

/** The value of a field. */
export function valueOf(field: Field): string | number | boolean | null {
  return field.stringValue ?? field.longValue ?? field.doubleValue ?? field.booleanValue ?? null;
}
