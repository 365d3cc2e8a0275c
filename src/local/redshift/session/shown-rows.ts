/** The rows outside of a session's tables that its temporary tables show, and how each is freed. A rollback may bring a table back to them. */
export class ShownRows {
  readonly #free = new Map<string, () => Promise<void>>();

  /** Keeps rows, known by the query that gives them, until `free` is called. */
  keep(query: string, free: () => Promise<void>): void {
    this.#free.set(query, free);
  }

  /** Frees the rows that no table shows any more. Call it when no transaction is open. */
  async freeAllBut(shown: ReadonlySet<string>): Promise<void> {
    for (const [query, free] of this.#free) {
      if (shown.has(query)) continue;
      this.#free.delete(query);
      await free();
    }
  }
}
