import { watch, type FSWatcher } from 'node:fs';
import { join } from 'node:path';

/** The system's watchers of folders. Where it watches no more of them, a look at everything finds what changes. */
export class FolderWatchers {
  readonly #watchers = new Map<string, { watcher: FSWatcher; id: string }>();
  readonly #onChange: (path: string) => void;

  /** `onChange` is told the path of what changed, or that of its folder. */
  constructor(onChange: (path: string) => void) {
    this.#onChange = onChange;
  }

  /** Watches a folder, in place of another one that was at this path. */
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
