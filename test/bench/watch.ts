import type { FaultSource } from '../../src/local/faults/plan.ts';
import { createDeliveryStats, type DeliveryStats } from '../../src/local/delivery-stats.ts';

/** What is seen of loads while they run. */
export class Watch {
  /** Calls to S3 and to the Redshift Data API, by operation. */
  calls: Record<string, number> = {};
  tally: DeliveryStats & { add: (line: string) => void } = createDeliveryStats();
  /** When each batch committed, by its id; epoch milliseconds. */
  readonly commitsMs = new Map<string, number>();
  /** By `performance.now()`. */
  firstDeliveryAt: number | undefined;
  lastCommitAt: number | undefined;
  /** The most deliveries that were under way at a time. */
  mostAtOnce = 0;
  #underWay = 0;
  #committed: ((at: number) => void) | undefined;

  /** Forgets everything seen so far. */
  reset(): void {
    this.calls = {};
    this.tally = createDeliveryStats();
    this.firstDeliveryAt = undefined;
    this.lastCommitAt = undefined;
    this.mostAtOnce = 0;
  }

  /** Resolves at the next commit, with its time. */
  nextCommit(): Promise<number> {
    return new Promise((resolve) => {
      this.#committed = resolve;
    });
  }

  /** Sees each call and lets it pass. Statements are no calls, and the queue is read by Lambda's own poller. */
  readonly called: FaultSource = (service, operation) => {
    if (operation !== 'Statement' && (service === 's3' || service === 'redshift-data')) {
      this.calls[operation] = (this.calls[operation] ?? 0) + 1;
    }
    return undefined;
  };

  readonly deliveryStarted = (): void => {
    this.firstDeliveryAt ??= performance.now();
    this.#underWay += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#underWay);
  };

  readonly deliveryEnded = (): void => {
    this.#underWay -= 1;
  };

  /** Sees each line the function writes. The commit is reported as soon as the function knows of it. */
  readonly line = (line: string): void => {
    this.tally.add(line);
    if (!line.includes('"batch committed"')) return;
    this.lastCommitAt = performance.now();
    const [, batchId = ''] = /"batchId":"([^"]+)"/.exec(line) ?? [];
    this.commitsMs.set(batchId, Date.now());
    this.#committed?.(this.lastCommitAt);
  };
}
