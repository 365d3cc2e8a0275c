import { LoaderError } from '../errors.ts';

/** Where a region may be set, highest precedence first. Empty counts as unset. */
export type RegionSources = {
  /** `--region` of a command or of the deployment. */
  option: string | undefined;
  env: Readonly<Record<string, string | undefined>>;
  /** The region of the AWS profile in use, from ~/.aws/config. Read only when nothing else sets one. */
  profile: () => Promise<string | undefined>;
};

/** Used when nothing sets a region. */
const DEFAULT_REGION = 'us-east-1';

/**
 * Finds the region, by one rule for deployment and commands, so that a command looks where the stack was deployed:
 * `--region`, AWS_REGION, AWS_DEFAULT_REGION, the profile, us-east-1.
 * @throws LoaderError (`usage`) for an invalid region name.
 */
export async function chooseRegion({ option, env, profile }: RegionSources): Promise<string> {
  const named = [
    ['--region', option],
    ['AWS_REGION', env.AWS_REGION],
    ['AWS_DEFAULT_REGION', env.AWS_DEFAULT_REGION],
  ] as const;
  const [where, region] = named.find(([, value]) => value !== undefined && value !== '') ?? [
    'the AWS profile',
    (await profile()) ?? DEFAULT_REGION,
  ];
  if (region !== undefined && /^[a-z]{2,}(-[a-z]+)+-\d+$/.test(region)) return region;
  throw new LoaderError(
    'usage',
    `${where} names "${region}", which is not a region.`,
    'A region is written like eu-west-1; all of them: aws account list-regions',
  );
}
