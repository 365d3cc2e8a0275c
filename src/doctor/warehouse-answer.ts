import type { WarehouseAddress } from '../config.ts';
import type { Answer } from '../waiting/resume.ts';
import type { Deployment } from './deployment.ts';
import type { WarehouseFacts } from './facts.ts';
import { seenOf, type Finding, type Look } from './finding.ts';
import { judgeCopyRole, judgeState } from './warehouse-state.ts';

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
  if (state.state === 'wrong') return answerOf(state, facts === undefined ? 'misconfigured' : 'unavailable');
  return answerOf(judgeCopyRole(facts, address, copyRole), 'misconfigured');
}

function answerOf(finding: Finding, code: string): Answer | undefined {
  if (finding.state !== 'wrong') return undefined;
  return { works: false, by: 'control plane', code, message: finding.text, hint: finding.mend };
}
