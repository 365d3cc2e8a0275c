import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { messageOf } from '../../errors.ts';
import type { Identity } from '../facts.ts';
import type { Look } from '../finding.ts';
import { clientOf, look, type Settings } from './look.ts';

/** Who the credentials belong to. Everybody may ask that, so an error means that they are of no use. */
export function readIdentity(settings: Settings): Promise<Look<Identity>> {
  return look({ service: 'STS', action: 'sts:GetCallerIdentity' }, settings, async () => {
    const client = new STSClient(clientOf('STS', settings));
    try {
      const { Account = '', Arn = '' } = await client.send(new GetCallerIdentityCommand());
      return { account: Account, arn: Arn };
    } catch (error) {
      return { problem: `AWS does not know these credentials, or is out of reach: ${messageOf(error)}` };
    } finally {
      client.destroy();
    }
  });
}
