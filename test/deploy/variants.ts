import { evaluate, type Stack, type Template } from './template.ts';

const WORKGROUP_ID = '0c9a7b1e-5f0d-4b8e-9a55-2f6f0f6f8a11';

/** The ARN of somebody's workgroup. */
export const WORKGROUP_ARN = `arn:aws:redshift-serverless:us-east-1:123456789012:workgroup/${WORKGROUP_ID}`;

/** The ARN of somebody's KMS key. */
export const KEY_ARN = 'arn:aws:kms:us-east-1:123456789012:key/0c9a7b1e-5f0d-4b8e-9a55-2f6f0f6f8a11';

/** Every way the stack can be deployed. */
export const variants = {
  'an empty account': (template: Template): Stack => evaluate(template, {}),
  'an account with a landing bucket': (template: Template): Stack =>
    evaluate(template, { LandingBucketExists: 'true' }),
  'an account with a workgroup': (template: Template): Stack =>
    evaluate(template, { ExistingWorkgroupId: WORKGROUP_ID }),
  'an account with a cluster': (template: Template): Stack => evaluate(template, { ExistingCluster: 'analytics' }),
  'an account with keys, a boundary and a network of its own': (template: Template): Stack =>
    evaluate(template, {
      BucketKey: KEY_ARN,
      QueueKey: KEY_ARN,
      LogKey: KEY_ARN,
      WarehouseKey: KEY_ARN,
      PermissionsBoundary: 'arn:aws:iam::123456789012:policy/boundary',
      SubnetIds: 'subnet-0a1b,subnet-2c3d',
      SecurityGroupIds: 'sg-0a1b',
    }),
  'an account with an event bus': (template: Template): Stack => evaluate(template, { EventBus: 'default' }),
  'an account with everything, and an address for alarms': (template: Template): Stack =>
    evaluate(template, {
      LandingBucketExists: 'true',
      ExistingCluster: 'analytics',
      AlarmEmail: 'data@example.com',
    }),
} as const;
