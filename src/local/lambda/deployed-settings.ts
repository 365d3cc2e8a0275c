import { readFile } from 'node:fs/promises';
import type { EventSourceSettings } from './event-source.ts';

/** What the deployment takes from the same file, `src/event-source.json`: settings of both event sources, and the window of replays. */
export type DeployedSettings = Pick<EventSourceSettings, 'batchSize' | 'maximumConcurrency'> & {
  replayWindowSeconds: number;
};

/** Reads them. */
export async function deployedSettings(): Promise<DeployedSettings> {
  const text = await readFile(new URL('../../event-source.json', import.meta.url), 'utf8');
  return JSON.parse(text) as DeployedSettings;
}
