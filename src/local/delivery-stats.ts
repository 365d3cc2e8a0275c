import type { MetricName } from '../ports.ts';

/** Sums of the function's metrics. */
export type DeliveryStats = { count: (name: MetricName) => number; freshnessSeconds: () => number[] };

/**
 * Adds up the metrics that the function's processes write (CloudWatch's embedded metric format), so that what is shown is
 * what would be measured in AWS. Give it every line; other lines are skipped.
 */
export function createDeliveryStats(): DeliveryStats & { add: (line: string) => void } {
  const values = new Map<string, number[]>();
  return {
    add: (line) => {
      if (!line.includes('"_aws"')) return;
      const blob = JSON.parse(line) as Record<string, unknown>;
      for (const [name, value] of Object.entries(blob)) {
        const numbers = (Array.isArray(value) ? value : [value]).filter(
          (one): one is number => typeof one === 'number',
        );
        const known = values.get(name);
        if (known) for (const one of numbers) known.push(one);
        else values.set(name, numbers);
      }
    },
    count: (name) => (values.get(name) ?? []).reduce((sum, value) => sum + value, 0),
    freshnessSeconds: () => values.get('FreshnessSeconds') ?? [],
  };
}

/** The value below which a share of the values lies (nearest rank); 0 of none. `share` is above 0 and at most 1. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
}
