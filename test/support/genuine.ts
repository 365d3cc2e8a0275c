import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Where the genuine data lies beside the project, where it does. */
export const genuineData = fileURLToPath(new URL('../../../shared/data', import.meta.url));

/** `describe` where the genuine data is there; elsewhere a skipped block whose name says why. */
export function unlessPresent(name: string): (block: () => void) => void {
  return existsSync(genuineData)
    ? (block) => {
        describe(name, block);
      }
    : (block) => {
        describe.skip(`${name} (skipped: there is no ../shared/data beside the project)`, block);
      };
}
