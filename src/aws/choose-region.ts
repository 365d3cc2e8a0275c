import { LoaderError } from '../errors.ts';

/** Where a region may be named, the nearest to the person first. Empty counts as unset. */
export type RegionSources = {
  /** `--region` of a command or of the deployment. */
  option: string | undefined;
  env: Readonly<Record<string, string | undefined>>;
  /** The region of the AWS profile in use, from ~/.aws/config. Asked last, and only when nothing else names one. */
  profile: () => Promise<string | undefined>;
};

/** Where everything is when nobody says where. */
const DEFAULT_REGION = 'us-east-1';

/**
 * The one rule by which a region is found, for the deployment and the commands alike, so that a command looks where the stack
 * was deployed: `--region`, AWS_REGION, AWS_DEFAULT_REGION, the profile, us-east-1.
 * @throws LoaderError (`usage`) for a name that no region has.
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
    `${where} names "${region}", which is no region.`,
    'A region is written like eu-west-1; all of them: aws account list-regions',
  );
}
