import { deployAgain, type Deployment } from './deployment.ts';
import { fine, wrong, type Finding } from './finding.ts';

/**
 * Judges whether the bus on which batches are announced is there. Nothing else tells: EventBridge takes events for a bus that is not
 * there, and drops them. https://github.com/aws/aws-cli/issues/9186
 */
export function judgeEventBus(name: string, exists: true | undefined, deployment: Deployment): Finding {
  const check = 'event bus';
  if (exists) return fine(check, `committed batches are announced on ${name}`);
  const mend = `aws events create-event-bus --name ${name}, or without one: ${deployAgain(deployment)} --param "eventBus="`;
  return wrong(check, `there is no bus ${name}, so the events of committed batches are lost`, mend);
}
