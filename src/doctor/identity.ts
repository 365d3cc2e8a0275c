import { placeOf, type Deployment } from './deployment.ts';
import type { Identity } from './facts.ts';
import { fine, wrong, type Finding } from './finding.ts';

/** Judges whether there are credentials that AWS accepts. */
export function judgeIdentity(identity: Identity): Finding {
  const check = 'credentials';
  if ('problem' in identity)
    return wrong(
      check,
      identity.problem,
      'choose a profile: export AWS_PROFILE=NAME, and try: aws sts get-caller-identity',
    );
  return fine(check, `account ${identity.account}, ${identity.arn}`);
}

/** Judges whether the settings are of the account and the region that the commands work in. */
export function judgePlace(
  identity: Identity | undefined,
  copyRole: string,
  queueArn: string | undefined,
  deployment: Deployment,
): Finding[] {
  // prettier-ignore
  const { account } = placeOf(copyRole);
  const queue = placeOf(queueArn ?? '');
  const own = identity === undefined || 'problem' in identity ? undefined : identity.account;
  const { region } = deployment;
  return [
    own !== undefined && own !== account
      ? wrong(
          'account',
          `the settings are of account ${account}, and the credentials of ${own}`,
          'choose the profile of that account: export AWS_PROFILE=NAME',
        )
      : fine('account', own === undefined ? `${account}, by the settings` : account),
    queue.region !== '' && queue.region !== region
      ? wrong('region', `the queue is in ${queue.region}, and this is ${region}`, `add --region ${queue.region}`)
      : fine('region', region),
  ];
}
