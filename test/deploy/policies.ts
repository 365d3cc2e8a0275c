import type { Package } from './packaging.ts';
import { evaluate, text, type Json, type Resource, type Stack } from './template.ts';
import { KEY_ARN, variants, WORKGROUP_ARN } from './variants.ts';

/** One action on one resource. */
export type Permission = { action: string; resource: Json; condition?: Json };
type Statement = { Effect: string; Action: string | string[]; Resource: Json; Condition?: Json };
type PolicyDocument = { Statement: Statement[] };

const LANDING = 'arn:aws:s3:::sparkify-dev-landing-123456789012-us-east-1';
const OWN_STATEMENTS = {
  StringEquals: { 'redshift-data:statement-owner-iam-userid': '${aws:userid}' },
};

/** Who may do what. */
export function describePolicies(thePackage: () => Package): void {
  const deploy = (name: keyof typeof variants): Stack => variants[name](thePackage().template);

  test('every function has a role of its own, which nobody but Lambda can take', () => {
    const { resources } = deploy('an empty account');
    const roles = Object.values(resources)
      .filter(({ Type }) => Type === 'AWS::Lambda::Function')
      .map(({ Properties }) => text(Properties.Role).replace(/^<(.*)\.Arn>$/, '$1'));
    expect(new Set(roles).size).toBe(roles.length);
    for (const role of roles) expect(principals(resources[role]!)).toEqual(['lambda.amazonaws.com']);
  });

  test('the loader may do this, on these resources, and nothing else', () => {
    expect(permissions(deploy('an empty account'), 'LoaderRole')).toEqual([
      { action: 'logs:CreateLogStream', resource: logGroup('loader') },
      { action: 'logs:PutLogEvents', resource: logGroup('loader') },
      { action: 'redshift-data:BatchExecuteStatement', resource: '<Workgroup.Workgroup.WorkgroupArn>' },
      { action: 'redshift-data:CancelStatement', resource: '*', condition: OWN_STATEMENTS },
      { action: 'redshift-data:DescribeStatement', resource: '*', condition: OWN_STATEMENTS },
      { action: 'redshift-data:ExecuteStatement', resource: '<Workgroup.Workgroup.WorkgroupArn>' },
      { action: 'redshift-data:GetStatementResult', resource: '*', condition: OWN_STATEMENTS },
      { action: 'redshift-serverless:GetCredentials', resource: '<Workgroup.Workgroup.WorkgroupArn>' },
      { action: 's3:GetObject', resource: '<ControlBucket.Arn>/loads/waiting.json' },
      { action: 's3:GetObject', resource: `${LANDING}/*` },
      { action: 's3:ListBucket', resource: '<ControlBucket.Arn>' },
      { action: 's3:ListBucket', resource: LANDING },
      { action: 's3:PutObject', resource: '<ControlBucket.Arn>/loads/*' },
      { action: 'sqs:ChangeMessageVisibility', resource: '<LoadQueue.Arn>' },
      { action: 'sqs:ChangeMessageVisibility', resource: '<ReplayQueue.Arn>' },
      { action: 'sqs:DeleteMessage', resource: '<LoadQueue.Arn>' },
      { action: 'sqs:DeleteMessage', resource: '<ReplayQueue.Arn>' },
      { action: 'sqs:GetQueueAttributes', resource: '<LoadQueue.Arn>' },
      { action: 'sqs:GetQueueAttributes', resource: '<ReplayQueue.Arn>' },
      { action: 'sqs:ReceiveMessage', resource: '<LoadQueue.Arn>' },
      { action: 'sqs:ReceiveMessage', resource: '<ReplayQueue.Arn>' },
      { action: 'sqs:SendMessage', resource: '<DeadLetterQueue.Arn>' },
    ]);
  });

  test('the reconcile may do this, on these resources, and nothing else', () => {
    const allowed = [
      { action: 'logs:CreateLogStream', resource: logGroup('reconcile') },
      { action: 'logs:PutLogEvents', resource: logGroup('reconcile') },
      { action: 'redshift-data:BatchExecuteStatement', resource: '<Workgroup.Workgroup.WorkgroupArn>' },
      { action: 'redshift-data:CancelStatement', resource: '*', condition: OWN_STATEMENTS },
      { action: 'redshift-data:DescribeStatement', resource: '*', condition: OWN_STATEMENTS },
      { action: 'redshift-data:GetStatementResult', resource: '*', condition: OWN_STATEMENTS },
      { action: 'redshift-serverless:GetCredentials', resource: '<Workgroup.Workgroup.WorkgroupArn>' },
      { action: 's3:GetObject', resource: '<ControlBucket.Arn>/loads/reconcile/state.json' },
      { action: 's3:GetObject', resource: '<ControlBucket.Arn>/loads/waiting.json' },
      { action: 's3:GetObject', resource: `${LANDING}/*` },
      { action: 's3:ListBucket', resource: '<ControlBucket.Arn>' },
      { action: 's3:ListBucket', resource: LANDING },
      { action: 's3:PutObject', resource: '<ControlBucket.Arn>/loads/reconcile/*' },
    ];
    const sending = { action: 'sqs:SendMessage', resource: '<ReplayQueue.Arn>' };
    expect(permissions(deploy('an empty account'), 'ReconcileRole')).toEqual([...allowed, sending]);
    const silent = evaluate(thePackage().template, { ReconcileRepairs: 'false' });
    expect(permissions(silent, 'ReconcileRole')).toEqual(allowed);
  });

  test('the resume function may do this, on these resources, and nothing else', () => {
    const lambda = 'arn:aws:lambda:us-east-1:123456789012';
    const mappings = ['LoadQueue', 'ReplayQueue'].map(
      (queue) => `${lambda}:event-source-mapping:<LoaderEventSourceMappingSQS${queue}>`,
    );
    const onMappings = (action: string): Permission[] => mappings.map((resource) => ({ action, resource }));
    const allowed = (warehouse: Permission[]): Permission[] => [
      ...onMappings('lambda:GetEventSourceMapping'),
      { action: 'lambda:InvokeFunction', resource: '<LoaderLambdaFunction.Arn>' },
      ...onMappings('lambda:UpdateEventSourceMapping'),
      { action: 'logs:CreateLogStream', resource: logGroup('resume') },
      { action: 'logs:PutLogEvents', resource: logGroup('resume') },
      ...warehouse,
      { action: 's3:DeleteObject', resource: '<ControlBucket.Arn>/loads/waiting.json' },
      { action: 's3:GetObject', resource: '<ControlBucket.Arn>/loads/waiting.json' },
      { action: 's3:ListBucket', resource: '<ControlBucket.Arn>' },
      { action: 's3:PutObject', resource: '<ControlBucket.Arn>/loads/waiting.json' },
    ];
    const serverless = (namespace: string): Permission[] => [
      { action: 'redshift-serverless:GetNamespace', resource: namespace },
      { action: 'redshift-serverless:ListWorkgroups', resource: '*' },
    ];
    expect(permissions(deploy('an empty account'), 'ResumeRole')).toEqual(
      allowed(serverless('<Namespace.Namespace.NamespaceArn>')),
    );
    expect(permissions(deploy('an account with a workgroup'), 'ResumeRole')).toEqual(
      allowed(serverless('arn:aws:redshift-serverless:us-east-1:123456789012:namespace/*')),
    );
    const cluster = 'arn:aws:redshift:us-east-1:123456789012:cluster:analytics';
    expect(permissions(deploy('an account with a cluster'), 'ResumeRole')).toEqual(
      allowed([{ action: 'redshift:DescribeClusters', resource: cluster }]),
    );
  });

  test('with an existing workgroup, it is that one and no other', () => {
    const about = permissions(deploy('an account with a workgroup'), 'LoaderRole').filter(
      ({ action, resource }) => action.startsWith('redshift') && resource !== '*',
    );
    expect(about.map(({ resource }) => resource)).toEqual([WORKGROUP_ARN, WORKGROUP_ARN, WORKGROUP_ARN]);
  });

  test('with an existing cluster, it is that cluster and its one database', () => {
    const about = permissions(deploy('an account with a cluster'), 'LoaderRole').filter(
      ({ action, resource }) => action.startsWith('redshift') && resource !== '*',
    );
    expect(about).toEqual([
      {
        action: 'redshift-data:BatchExecuteStatement',
        resource: 'arn:aws:redshift:us-east-1:123456789012:cluster:analytics',
      },
      {
        action: 'redshift-data:ExecuteStatement',
        resource: 'arn:aws:redshift:us-east-1:123456789012:cluster:analytics',
      },
      {
        action: 'redshift:GetClusterCredentialsWithIAM',
        resource: 'arn:aws:redshift:us-east-1:123456789012:dbname:analytics/sparkify',
      },
    ]);
  });

  test('with keys of the account, each role may do with them what its calls need, and no more', () => {
    const stack = deploy('an account with keys, a boundary and a network of its own');
    const withKeys = (role: string): string[] =>
      permissions(stack, role)
        .filter(({ resource }) => resource === KEY_ARN)
        .map(({ action }) => action);
    // Puts manifests under the key of the buckets; its poller reads messages under that of the queues.
    expect(new Set(withKeys('LoaderRole'))).toEqual(new Set(['kms:Decrypt', 'kms:GenerateDataKey']));
    // Reads and writes its place, and sends: both keys, which are one here.
    expect(new Set(withKeys('ReconcileRole'))).toEqual(new Set(['kms:Decrypt', 'kms:GenerateDataKey']));
    expect(withKeys('CopyRole')).toEqual(['kms:Decrypt']);
    // Reads and writes one object of the control bucket.
    expect(withKeys('ResumeRole')).toEqual(['kms:Decrypt', 'kms:GenerateDataKey']);
  });

  test('the COPY role reads the two buckets, and only Redshift can take it', () => {
    const stack = deploy('an empty account');
    expect(permissions(stack, 'CopyRole')).toEqual([
      { action: 's3:GetObject', resource: '<ControlBucket.Arn>/*' },
      { action: 's3:GetObject', resource: `${LANDING}/*` },
      { action: 's3:ListBucket', resource: '<ControlBucket.Arn>' },
      { action: 's3:ListBucket', resource: LANDING },
    ]);
    expect(principals(stack.resources.CopyRole!)).toEqual([
      'redshift.amazonaws.com',
      'redshift-serverless.amazonaws.com',
    ]);
  });
}

/** All that a role may do, by its own policies and those attached to it, in the order of actions and resources. */
export function permissions({ resources }: Stack, roleId: string): Permission[] {
  const { Policies = [], ManagedPolicyArns = [] } = resources[roleId]!.Properties as {
    Policies?: { PolicyDocument: PolicyDocument }[];
    ManagedPolicyArns?: string[];
  };
  const attached = ManagedPolicyArns.map(
    (ref) => resources[ref.slice(1, -1)]!.Properties.PolicyDocument as PolicyDocument,
  );
  return [...Policies.map(({ PolicyDocument: document }) => document), ...attached]
    .flatMap(({ Statement }) => Statement)
    .flatMap(({ Effect, Action, Resource: resource, Condition }) => {
      if (Effect !== 'Allow') throw new Error('These roles only allow.');
      return [Action]
        .flat()
        .flatMap((action) =>
          [resource].flat().map((one) => ({ action, resource: one, ...(Condition ? { condition: Condition } : {}) })),
        );
    })
    .sort((a, b) => order(a).localeCompare(order(b), 'en'));
}

const order = ({ action, resource }: Permission): string => `${action} ${JSON.stringify(resource)}`;

function principals(role: Resource): string[] {
  const { Statement } = role.Properties.AssumeRolePolicyDocument as {
    Statement: { Principal: { Service: string | string[] } }[];
  };
  return Statement.flatMap(({ Principal }) => Principal.Service);
}

function logGroup(name: string): string {
  return `arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/sparkify-dev-${name}:*`;
}
