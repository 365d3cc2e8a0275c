import type { WarehouseAddress } from '../config.ts';
import { deployAgain, type Deployment } from './deployment.ts';
import type { WarehouseFacts } from './facts.ts';
import { fine, unseen, wrong, type Finding } from './finding.ts';

/** Judges the state of a warehouse by its control plane, before anything is asked of it that would wake it. */
export function judgeState(
  facts: WarehouseFacts | undefined,
  { workgroup, cluster }: WarehouseAddress,
  deployment: Deployment,
): Finding {
  const check = 'warehouse';
  const name = cluster === undefined ? `the workgroup ${workgroup ?? ''}` : `the cluster ${cluster}`;
  if (facts === undefined) {
    return wrong(check, `${name} does not exist in ${deployment.region}`, deployAgain(deployment));
  }
  const { state } = facts;
  if (state.toLowerCase() === 'available') {
    // https://docs.aws.amazon.com/redshift/latest/mgmt/serverless-billing.html
    const wakes = cluster === undefined ? '; the questions that follow wake it, which is billed for a minute' : '';
    return fine(check, `${name} is available${wakes}`);
  }
  if (cluster === undefined) {
    const show = `aws redshift-serverless get-workgroup --workgroup-name ${nameIn(workgroup ?? '')}`;
    return wrong(check, `${name} is ${state.toLowerCase()}, and answers when it is available`, show);
  }
  const mend =
    state === 'paused'
      ? `aws redshift resume-cluster --cluster-identifier ${cluster}`
      : `aws redshift wait cluster-available --cluster-identifier ${cluster}`;
  return wrong(check, `${name} is ${state}; messages wait in the queue meanwhile`, mend);
}

/** Judges whether the role that COPY reads with belongs to the warehouse. */
export function judgeCopyRole(
  facts: WarehouseFacts | undefined,
  { workgroup, cluster }: WarehouseAddress,
  copyRole: string,
): Finding {
  const check = 'COPY role';
  if (facts === undefined) return unseen(check, 'there is no warehouse that it could belong to');
  if (facts.roles.some((role) => isUsable(role, copyRole))) return fine(check, `${copyRole} is attached`);
  const mend =
    cluster === undefined
      ? `aws redshift-serverless update-namespace --namespace-name NAMESPACE --iam-roles ${copyRole} EXISTING-ROLES`
      : `aws redshift modify-cluster-iam-roles --cluster-identifier ${cluster} --add-iam-roles ${copyRole}`;
  const name = cluster ?? workgroup ?? '';
  return wrong(check, `${copyRole} is not attached to ${name}, so COPY may not use it`, mend);
}

/** A role by its ARN, or as Redshift Serverless writes it: `IamRole(applyStatus=in-sync, iamRoleArn=arn:…)`. */
function isUsable(role: string, copyRole: string): boolean {
  const words = role.split(/[(),=\s]+/);
  return words.includes(copyRole) && (!words.includes('applyStatus') || words.includes('in-sync'));
}

function nameIn(workgroup: string): string {
  return workgroup.split('/').at(-1) ?? workgroup;
}
