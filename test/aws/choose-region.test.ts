import { chooseRegion } from '../../src/aws/choose-region.ts';

const nobody = (): Promise<undefined> => Promise.resolve(undefined);

test.each([
  ['--region before all', 'eu-west-1', { AWS_REGION: 'eu-west-2', AWS_DEFAULT_REGION: 'eu-west-3' }, 'eu-west-1'],
  ['AWS_REGION next', undefined, { AWS_REGION: 'eu-west-2', AWS_DEFAULT_REGION: 'eu-west-3' }, 'eu-west-2'],
  [
    'AWS_DEFAULT_REGION next, an empty variable being none',
    undefined,
    { AWS_REGION: '', AWS_DEFAULT_REGION: 'eu-west-3' },
    'eu-west-3',
  ],
  ['the profile next', undefined, {}, 'eu-north-1'],
])('the region is named by %s', async (_, option, env, region) => {
  const profile = (): Promise<string> => Promise.resolve('eu-north-1');
  expect(await chooseRegion({ option, env, profile })).toBe(region);
});

test('nobody names a region: it is us-east-1', async () => {
  expect(await chooseRegion({ option: undefined, env: {}, profile: nobody })).toBe('us-east-1');
});

test('the profile is not asked where something nearer names the region', async () => {
  const profile = (): Promise<string> => Promise.reject(new Error('the profile was asked'));
  expect(await chooseRegion({ option: undefined, env: { AWS_REGION: 'us-gov-west-1' }, profile })).toBe(
    'us-gov-west-1',
  );
});

test.each(['Ireland', 'eu-west', 'EU-WEST-1', 'eu-west-1a', 'eu-west-1; x'])('%s is no region', async (name) => {
  await expect(chooseRegion({ option: name, env: {}, profile: nobody })).rejects.toMatchObject({
    code: 'usage',
    message: `--region names "${name}", which is not a region.`,
  });
});
