import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { chooseRegion } from './choose-region.ts';
import { messageOf } from '../errors.ts';

/**
 * The region a command or a deployment works in.
 * @throws LoaderError (`usage`) for an invalid region name.
 */
export function regionOf(
  option: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  profile?: string,
): Promise<string> {
  return chooseRegion({ option, env, profile: () => regionOfProfile(profile) });
}

/** The region of a profile as the SDK reads it; undefined when it has none, or there is no profile file. */
async function regionOfProfile(profile: string | undefined): Promise<string | undefined> {
  const client = new CloudFormationClient(profile === undefined ? {} : { profile });
  try {
    return await client.config.region();
  } catch (error) {
    // The SDK has only this text for it. Other errors, such as an unreadable file, are reported.
    if (messageOf(error).includes('Region is missing')) return undefined;
    throw error;
  } finally {
    client.destroy();
  }
}
