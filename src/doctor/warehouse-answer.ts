import type { WarehouseAddress } from '../config.ts';
import type { Answer } from '../waiting/resume.ts';
import type { Deployment } from './deployment.ts';
import type { WarehouseFacts } from './facts.ts';
import { seenOf, type Finding, type Look } from './finding.ts';
import { judgeCopyRole, judgeState } from './warehouse-state.ts';

/**
 * States that end by themselves within minutes, with a warehouse that answers.
 * https://docs.aws.amazon.com/redshift/latest/mgmt/rs-mgmt-cluster-status.html
 */
const ON_ITS_WAY = /^(?:creating|resuming|rebooting|renaming|resizing|modifying|maintenance)/i;

/**
 * What the control plane has against loads, before the warehouse itself is asked, which would wake it: it is not there or not
 * available, or COPY may not use its role. Undefined when there is nothing, or when it could not be looked at.
 */
export function controlPlaneAnswer(
  look: Look<WarehouseFacts | undefined>,
  address: WarehouseAddress,
  copyRole: string,
  region: string,
): Answer | undefined {
  if ('unseen' in look) return undefined;
  const deployment: Deployment = { stage: undefined, region, outputs: {}, settings: {} };
  const facts = seenOf(look);
  const state = judgeState(facts, address, deployment);
  if (state.state === 'wrong') {
    const answer = answerOf(state, facts === undefined ? 'misconfigured' : 'unavailable');
    return facts !== undefined && ON_ITS_WAY.test(facts.state) ? { ...answer, soon: true } : answer;
  }
  const role = judgeCopyRole(facts, address, copyRole);
  return role.state === 'wrong' ? answerOf(role, 'misconfigured') : undefined;
}

function answerOf(finding: Extract<Finding, { state: 'wrong' }>, code: string): Answer & { works: false } {
  return { works: false, by: 'control plane', code, message: finding.text, hint: finding.mend };
}
