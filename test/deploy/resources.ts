import { evaluate, text, type Json, type Resource, type Stack } from './template.ts';
import type { Package } from './packaging.ts';
import { KEY_ARN, variants } from './variants.ts';

const LANDING_ARN = 'arn:aws:s3:::sparkify-dev-landing-123456789012-us-east-1';

/** What holds data on its way and at rest. */
export function describeResources(thePackage: () => Package): void {
  const fresh = (): Stack => variants['an empty account'](thePackage().template);
  const properties = (id: string, stack = fresh()): Resource['Properties'] => stack.resources[id]!.Properties;

  test.each(['LandingBucket', 'ControlBucket'])('%s is encrypted and closed to the public', (id) => {
    expect(properties(id)).toMatchObject({
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
    });
  });

  test.each([
    'LandingBucketPolicy',
    'ControlBucketPolicy',
    'LoadQueuePolicy',
    'ReplayQueuePolicy',
    'DeadLetterQueuePolicy',
  ])('%s denies everything that does not come by TLS', (id) => {
    const { Statement } = properties(id).PolicyDocument as { Statement: Json[] };
    expect(Statement).toContainEqual(
      expect.objectContaining({
        Effect: 'Deny',
        Principal: '*',
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      }),
    );
  });

  test('the landing bucket keeps versions, outlives the stack, and notifies the queue once the queue lets it', () => {
    const { LandingBucket } = fresh().resources;
    expect(LandingBucket).toMatchObject({
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      DependsOn: ['LoadQueuePolicy'],
      Properties: {
        VersioningConfiguration: { Status: 'Enabled' },
        NotificationConfiguration: {
          QueueConfigurations: ['s3:ObjectCreated:*', 's3:ObjectRemoved:*', 's3:ObjectRestore:Completed'].map(
            (Event) => ({
              Event,
              Queue: '<LoadQueue.Arn>',
            }),
          ),
        },
      },
    });
  });

  test('manifests go to a bucket that notifies nobody, and expire after the last message they could matter to', () => {
    const control = properties('ControlBucket');
    expect(control).not.toHaveProperty('NotificationConfiguration');
    const [rule] = (control.LifecycleConfiguration as { Rules: { ExpirationInDays: number; Prefix: string }[] }).Rules;
    expect(rule!.Prefix).toBe('loads/');
    expect(rule!.ExpirationInDays * 86_400).toBe(properties('DeadLetterQueue').MessageRetentionPeriod);
    expect(control.BucketName).not.toBe(properties('LandingBucket').BucketName);
  });

  test.each(['LoadQueue', 'ReplayQueue', 'DeadLetterQueue'])('%s is encrypted', (id) => {
    expect(properties(id).SqsManagedSseEnabled).toBe(true);
  });

  test('a message of a function that always dies gets to the dead-letter queue before it expires, and no other queue sends there', () => {
    const queues = [properties('LoadQueue'), properties('ReplayQueue')];
    const dlq = properties('DeadLetterQueue');
    for (const queue of queues) {
      expect(queue.RedrivePolicy).toEqual({ deadLetterTargetArn: '<DeadLetterQueue.Arn>', maxReceiveCount: 450 });
      const hiddenSeconds = Number(queue.VisibilityTimeout) + Number(properties('LoaderLambdaFunction').Timeout);
      expect(450 * hiddenSeconds).toBeLessThan(Number(queue.MessageRetentionPeriod));
    }
    expect(dlq.RedriveAllowPolicy).toEqual({
      redrivePermission: 'byQueue',
      sourceQueueArns: queues.map(({ QueueName }) => `arn:aws:sqs:us-east-1:123456789012:${text(QueueName)}`),
    });
    const kept = [...queues, dlq].map(({ MessageRetentionPeriod }) => MessageRetentionPeriod);
    expect(kept).toEqual([14 * 86_400, 14 * 86_400, 14 * 86_400]);
  });

  test('only the landing bucket of this account may send to the queue', () => {
    expect(senders(properties('LoadQueuePolicy'))).toEqual([
      expect.objectContaining({
        Principal: { Service: 's3.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: '<LoadQueue.Arn>',
        Condition: {
          ArnEquals: { 'aws:SourceArn': LANDING_ARN },
          StringEquals: { 'aws:SourceAccount': '123456789012' },
        },
      }),
    ]);
    // Replays and dead letters come from roles of this account, which have policies of their own.
    expect(senders(properties('ReplayQueuePolicy'))).toEqual([]);
    expect(senders(properties('DeadLetterQueuePolicy'))).toEqual([]);
  });

  test('an existing bucket is not touched: its events come by EventBridge, and those that cannot be sent are kept', () => {
    const stack = variants['an account with a landing bucket'](thePackage().template);
    expect(stack.resources).not.toHaveProperty('LandingBucket');
    expect(stack.resources).not.toHaveProperty('LandingBucketPolicy');
    expect(properties('LandingRule', stack)).toMatchObject({
      EventPattern: {
        source: ['aws.s3'],
        'detail-type': ['Object Created', 'Object Deleted', 'Object Restore Completed'],
        detail: { object: { key: [{ prefix: 'song_data/' }, { prefix: 'log_data/' }] } },
      },
      Targets: [{ Arn: '<LoadQueue.Arn>', DeadLetterConfig: { Arn: '<DeadLetterQueue.Arn>' } }],
    });
    for (const policy of ['LoadQueuePolicy', 'DeadLetterQueuePolicy']) {
      expect(senders(properties(policy, stack))).toContainEqual(
        expect.objectContaining({
          Principal: { Service: 'events.amazonaws.com' },
          Condition: { ArnEquals: { 'aws:SourceArn': '<LandingRule.Arn>' } },
        }),
      );
    }
  });

  test('the warehouse is the smallest there is, cannot grow without bound, and has no address on the internet', () => {
    expect(properties('Workgroup')).toMatchObject({ BaseCapacity: 4, MaxCapacity: 8, PubliclyAccessible: false });
    expect(properties('Namespace')).toMatchObject({
      IamRoles: ['<CopyRole.Arn>'],
      AdminUserPassword: '{{resolve:secretsmanager:<WarehouseSecret>:SecretString:password}}',
      FinalSnapshotRetentionPeriod: 7,
    });
  });

  test("names that are the whole account's carry the region, so that one stage can live in two", () => {
    const named = Object.values(fresh().resources).flatMap(({ Properties: { RoleName, DashboardName } }) =>
      [RoleName, DashboardName].filter((name) => name !== undefined),
    );
    expect(named.sort()).toEqual([
      'sparkify-dev-us-east-1',
      'sparkify-dev-us-east-1-copy',
      'sparkify-dev-us-east-1-loader',
      'sparkify-dev-us-east-1-reconcile',
      'sparkify-dev-us-east-1-resume',
    ]);
  });

  test('what outlives a stack for a while has a name of its own each time: the last snapshot, and the secret', () => {
    expect(properties('Namespace').FinalSnapshotName).toBe('sparkify-dev-final-8f14e45f-ceea-467f-a1b2-c3d4e5f60718');
    expect(properties('WarehouseSecret')).not.toHaveProperty('Name');
  });

  test('keys, boundary and network of the account are used wherever they can be', () => {
    const stack = variants['an account with keys, a boundary and a network of its own'](thePackage().template);
    for (const bucket of ['LandingBucket', 'ControlBucket']) {
      expect(properties(bucket, stack).BucketEncryption).toEqual({
        ServerSideEncryptionConfiguration: [
          {
            ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: KEY_ARN },
            BucketKeyEnabled: true,
          },
        ],
      });
    }
    for (const queue of ['LoadQueue', 'ReplayQueue', 'DeadLetterQueue']) {
      expect(properties(queue, stack)).toMatchObject({ KmsMasterKeyId: KEY_ARN });
      expect(properties(queue, stack)).not.toHaveProperty('SqsManagedSseEnabled');
    }
    for (const id of ['LoaderLogGroup', 'ReconcileLogGroup', 'ResumeLogGroup', 'Namespace', 'WarehouseSecret']) {
      expect(properties(id, stack).KmsKeyId).toBe(KEY_ARN);
    }
    for (const role of ['LoaderRole', 'ReconcileRole', 'ResumeRole', 'CopyRole']) {
      expect(properties(role, stack).PermissionsBoundary).toBe('arn:aws:iam::123456789012:policy/boundary');
    }
    expect(properties('Workgroup', stack)).toMatchObject({
      SubnetIds: ['subnet-0a1b', 'subnet-2c3d'],
      SecurityGroupIds: ['sg-0a1b'],
    });
  });

  test('without them nothing is said of any', () => {
    const shown = JSON.stringify(fresh().resources);
    for (const name of ['KmsKeyId', 'KmsMasterKeyId', 'KMSMasterKeyID', 'PermissionsBoundary', 'SubnetIds', 'kms:']) {
      expect(shown).not.toContain(name);
    }
  });

  test.each(['an account with a workgroup', 'an account with a cluster'] as const)(
    '%s gets no other warehouse',
    (name) => {
      const types = Object.values(variants[name](thePackage().template).resources).map(({ Type }) => Type);
      expect(types.filter((type) => /Redshift|Secret/.test(type))).toEqual([]);
    },
  );

  test('a cluster goes before a workgroup when both are named', () => {
    const both = { ExistingCluster: 'analytics', ExistingWorkgroupId: '0c9a7b1e-5f0d-4b8e-9a55-2f6f0f6f8a11' };
    const { outputs } = evaluate(thePackage().template, both);
    expect(outputs.SparkifyCluster).toBe('analytics');
    expect(outputs).not.toHaveProperty('SparkifyWorkgroup');
  });
}

function senders(policy: Resource['Properties']): Json[] {
  const { Statement } = policy.PolicyDocument as { Statement: { Effect: string }[] };
  return Statement.filter(({ Effect }) => Effect === 'Allow');
}
