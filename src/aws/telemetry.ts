import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Clock, Log, Meter, MetricName } from '../ports.ts';

const NAMESPACE = 'Sparkify';

/** A meter that is published once, at the end of an invocation. */
export type PublishedMeter = Meter & { publish(): void };

/** Structured logs, one JSON object per line; POWERTOOLS_SERVICE_NAME distinguishes stages. `setRequestId` adds the id to each following line. */
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
 * Metrics in CloudWatch's embedded format. Counts are summed over the invocation; every duration is a separate
 * value, so that percentiles are right.
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

/** The real time and randomness. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds) =>
    new Promise((resolve) => {
      setTimeout(resolve, Math.max(0, milliseconds));
    }),
  random: () => Math.random(),
};

/** A clock whose sleeps end at once with the signal's reason when interrupted. */
export function interruptibleClock(interrupted: AbortSignal): Clock {
  return {
    ...systemClock,
    sleep: (milliseconds) =>
      new Promise((resolve, reject) => {
        interrupted.throwIfAborted();
        const stop = (): void => {
          clearTimeout(timer);
          reject(interrupted.reason as Error);
        };
        const timer = setTimeout(
          () => {
            interrupted.removeEventListener('abort', stop);
            resolve();
          },
          Math.max(0, milliseconds),
        );
        interrupted.addEventListener('abort', stop, { once: true });
      }),
  };
}
