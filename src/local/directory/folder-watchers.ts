import { watch, type FSWatcher } from 'node:fs';
import { join } from 'node:path';

/** The system's folder watchers. Beyond their limit, the regular scan finds changes. */
export class FolderWatchers {
  readonly #watchers = new Map<string, { watcher: FSWatcher; id: string }>();
  readonly #onChange: (path: string) => void;

  /** `onChange` gets the path that changed, or its folder. */
  constructor(onChange: (path: string) => void) {
    this.#onChange = onChange;
  }

  /** Watches a folder, replacing a previous one at this path. */
  watch(folder: string, id: string): void {
    if (this.#watchers.get(folder)?.id === id) return;
    this.close(folder);
    try {
      const watcher = watch(folder, (_, name) => {
        if (name?.startsWith('.') !== true) this.#onChange(name === null ? folder : join(folder, name));
      });
      this.#watchers.set(folder, { watcher, id });
      watcher.on('error', () => {
        this.close(folder);
      });
    } catch {
      // No more watchers, or the folder has gone.
    }
  }

  close(folder: string): void {
    this.#watchers.get(folder)?.watcher.close();
    this.#watchers.delete(folder);
  }

  closeAll(): void {
    for (const folder of this.#watchers.keys()) this.close(folder);
  }
}
