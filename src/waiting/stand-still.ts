import type { Log, ObjectStore } from '../ports.ts';
import { describeWaiting } from './resume.ts';
import { readWaiting } from './waiting.ts';

/** Whether the warehouse is waited for, so that a scheduled task has nothing to ask of it; logged, and no error. @throws LoaderError */
export async function standsStill(
  control: { bucket: string; prefix: string },
  objects: Pick<ObjectStore, 'get'>,
  log: Log,
): Promise<boolean> {
  const waiting = await readWaiting(control, objects);
  if (waiting === undefined) return false;
  const { text, hint } = describeWaiting(waiting);
  log.info('nothing is done while the warehouse is waited for', { reason: text, hint });
  return true;
}
