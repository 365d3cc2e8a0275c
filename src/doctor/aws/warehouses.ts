import { DescribeClustersCommand, RedshiftClient } from '@aws-sdk/client-redshift';
import {
  GetNamespaceCommand,
  paginateListWorkgroups,
  RedshiftServerlessClient,
  type Workgroup,
} from '@aws-sdk/client-redshift-serverless';
import type { WarehouseFacts } from '../facts.ts';
import type { Look } from '../finding.ts';
import { clientOf, look, lookFor, type Settings } from './look.ts';

/** A provisioned cluster. */
export function readCluster(identifier: string, settings: Settings): Promise<Look<WarehouseFacts | undefined>> {
  const question = { service: 'REDSHIFT' as const, action: 'redshift:DescribeClusters', missing: /^ClusterNotFound/ };
  return lookFor(question, settings, async () => {
    const client = new RedshiftClient(clientOf('REDSHIFT', settings));
    try {
      const { Clusters = [] } = await client.send(new DescribeClustersCommand({ ClusterIdentifier: identifier }));
      const [cluster] = Clusters;
      if (cluster === undefined) return undefined;
      // A role that is still being added cannot be used yet.
      const roles = (cluster.IamRoles ?? []).filter(({ ApplyStatus }) => ApplyStatus === 'in-sync');
      return { state: cluster.ClusterStatus ?? '', roles: roles.map(({ IamRoleArn = '' }) => IamRoleArn) };
    } finally {
      client.destroy();
    }
  });
}

/** A workgroup by its name or ARN. They are listed, because an ARN holds the id and not the name, by which alone one can ask. */
export function readWorkgroup(name: string, settings: Settings): Promise<Look<WarehouseFacts | undefined>> {
  const question = {
    service: 'REDSHIFT_SERVERLESS' as const,
    action: 'redshift-serverless:ListWorkgroups and redshift-serverless:GetNamespace',
  };
  return look(question, settings, async () => {
    const client = new RedshiftServerlessClient(clientOf('REDSHIFT_SERVERLESS', settings));
    try {
      const workgroup = await findWorkgroup(name, client);
      if (workgroup === undefined) return undefined;
      const { namespace } = await client.send(new GetNamespaceCommand({ namespaceName: workgroup.namespaceName }));
      return { state: workgroup.status ?? '', roles: namespace?.iamRoles ?? [] };
    } finally {
      client.destroy();
    }
  });
}

async function findWorkgroup(name: string, client: RedshiftServerlessClient): Promise<Workgroup | undefined> {
  for await (const { workgroups = [] } of paginateListWorkgroups({ client }, {})) {
    const found = workgroups.find(({ workgroupName, workgroupArn }) => [workgroupName, workgroupArn].includes(name));
    if (found) return found;
  }
  return undefined;
}
