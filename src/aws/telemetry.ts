import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Log, Meter, MetricName } from '../deps.ts';

const NAMESPACE = 'Sparkify';

/** A meter that is published once, at the end of an invocation. */
export type PublishedMeter = Meter & { publish(): void };

/** Structured logs, one JSON object a line; the service is named by POWERTOOLS_SERVICE_NAME, so that stages are told apart. `setRequestId` puts the id on each line that follows. */
export function createLog(): { log: Log; setRequestId: (requestId: string) => void } {
  const logger = new Logger();
  const log: Log = {
    info: (message, fields = {}) => {
      logger.info(message, fields);
    },
    warn: (message, fields = {}) => {
      logger.warn(message, fields);
    },
    error: (message, fields = {}) => {
      logger.error(message, fields);
    },
  };
  return {
    log,
    setRequestId: (requestId) => {
      logger.appendKeys({ requestId });
    },
  };
}

/**
 * Metrics in CloudWatch's embedded format. Counts are summed over the invocation; every measured second is a value of its
 * own, so that percentiles are right.
 */
export function createMeter(): PublishedMeter {
  const metrics = new Metrics({ namespace: NAMESPACE });
  const counts = new Map<MetricName, number>();
  return {
    count: (name, value) => {
      counts.set(name, (counts.get(name) ?? 0) + value);
    },
    seconds: (name, value) => {
      metrics.addMetric(name, MetricUnit.Seconds, value);
    },
    publish: () => {
      for (const [name, value] of counts) metrics.addMetric(name, MetricUnit.Count, value);
      counts.clear();
      metrics.publishStoredMetrics();
    },
  };
}

/** Time and chance as they are. */
export const systemClock = {
  now: (): number => Date.now(),
  sleep: (milliseconds: number): Promise<void> =>
    new Promise((resolve) => {
      setTimeout(resolve, Math.max(0, milliseconds));
    }),
  random: (): number => Math.random(),
};
