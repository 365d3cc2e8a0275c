import { packageService, type Package } from './packaging.ts';
import { describeAlarms } from './alarms.ts';
import { describeBundle } from './bundle.ts';
import { describeCalls } from './calls.ts';
import { describeDeployment } from './deployment.ts';
import { describeFunctions } from './functions.ts';
import { describePolicies } from './policies.ts';
import { describeResources } from './resources.ts';
import { describeSettings } from './settings.ts';
import { describeSimulation } from './alarm-simulation.ts';
import { describeSpecification } from './validity.ts';

/** The package is made once; each chapter looks at another side of it. */
const made: { package?: Package } = {};
const thePackage = (): Package => {
  if (!made.package) throw new Error('The service was not packaged.');
  return made.package;
};

beforeAll(async () => {
  made.package = await packageService();
}, 120_000);

afterAll(async () => {
  await made.package?.remove();
});

test('packaging needs no credentials and no network', () => {
  const { offline, template } = thePackage();
  if (!offline)
    process.stderr.write('No network namespace here: the package was made without credentials, not without network.\n');
  expect(Object.keys(template.Resources)).toContain('LoaderLambdaFunction');
});

describe('the template is valid', () => {
  describeSpecification(thePackage);
});
describe('buckets, queues and warehouse', () => {
  describeResources(thePackage);
});
describe('functions', () => {
  describeFunctions(thePackage);
});
describe('permissions', () => {
  describePolicies(thePackage);
});
describe('calls', () => {
  describeCalls(thePackage);
});
describe('alarms and dashboard', () => {
  describeAlarms(thePackage);
});
describe('when alarms ring', () => {
  describeSimulation(thePackage);
});
describe('the settings', () => {
  describeSettings();
});
describe('the archive', () => {
  describeBundle(thePackage);
});
// Last and in this file, because two packagings at once would write over each other.
describe('a deployment to a simulated AWS', () => {
  describeDeployment();
});
