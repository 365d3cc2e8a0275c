import { text, type Body } from './requests.ts';
import type { Caller } from '../session/sessions.ts';
import { invalid, ServiceError } from '../service-error.ts';

/** Whose access key is whose: the database user of each, such as `IAMR:my-role` for the keys of a role. */
export type Identities = Readonly<Record<string, string>>;

/**
 * The caller by the access key that signed a request, as IAM and the Data API find them. Without identities every key is the
 * administrator's. Throws UnrecognizedClientException for a key of nobody.
 * https://docs.aws.amazon.com/redshift/latest/mgmt/data-api-access.html
 */
export function callerOf(authorization: string, identities: Identities | undefined, administrator: string): Caller {
  if (identities === undefined) return { user: administrator, isAdministrator: true };
  const [, key = ''] = /\bCredential=([^/,\s]+)\//.exec(authorization) ?? [];
  const user = Object.hasOwn(identities, key) ? identities[key] : undefined;
  if (user === undefined) {
    throw new ServiceError(
      'UnrecognizedClientException',
      'The security token included in the request is invalid.',
      400,
    );
  }
  return { user, isAdministrator: user === administrator };
}

/**
 * The database user of a call: the caller's own, or the one they name in `DbUser`. There are no secrets here. Throws
 * ServiceError.
 */
export function databaseUser(body: Body, { user, isAdministrator }: Caller): string {
  if (body.SecretArn !== undefined) throw invalid("Secrets Manager can't find the specified secret.");
  const named = text(body, 'DbUser', 1, 128);
  if (named === undefined) return user;
  if (body.ClusterIdentifier === undefined) throw invalid('DbUser is given with a ClusterIdentifier only');
  if (isAdministrator) return named;
  const reason = `User: ${user} is not authorized to perform: redshift:GetClusterCredentials`;
  throw new ServiceError('AccessDeniedException', reason, 400);
}
