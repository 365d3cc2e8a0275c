import { readFile } from 'node:fs/promises';
import type { EventSourceSettings } from './event-source.ts';

/** The settings of the event source that the deployment takes from the same file, `src/event-source.json`. */
export async function deployedSettings(): Promise<Pick<EventSourceSettings, 'batchSize' | 'maximumConcurrency'>> {
  const text = await readFile(new URL('../../event-source.json', import.meta.url), 'utf8');
  return JSON.parse(text) as Awaited<ReturnType<typeof deployedSettings>>;
}
