import type { PageEvent } from './shapes.ts';

/** Everyone who looks at the page, and what they are told. */
export class Channel {
  readonly #listeners = new Set<(event: PageEvent) => void>();

  /** Whether anyone looks. */
  get isWatched(): boolean {
    return this.#listeners.size > 0;
  }

  add(listener: (event: PageEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  tell(event: PageEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
