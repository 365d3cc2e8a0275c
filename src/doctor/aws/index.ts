import type { ControlPlane } from '../facts.ts';
import { readAlarms, readSubscribers } from './alarms.ts';
import { readBucket, readExpirations, readNotifications, removeObject } from './buckets.ts';
import { readEventBus } from './event-bus.ts';
import { readErrors, readFunction, readMappings } from './functions.ts';
import { readIdentity } from './identity.ts';
import { isLocal, type Settings } from './look.ts';
import { readQueue } from './queues.ts';
import { readRules } from './rules.ts';
import { readCluster, readWorkgroup } from './warehouses.ts';

/**
 * AWS beside the warehouse's data, through the SDK. `now`: epoch milliseconds. Seven of its clients serve nothing else, so this
 * file is imported only where doctor runs, and never by a function.
 */
export function openControlPlane(settings: Settings, now: () => number): ControlPlane {
  return {
    isLocal: isLocal(settings),
    identity: () => readIdentity(settings),
    queue: (url) => readQueue(url, settings),
    notifications: (bucket) => readNotifications(bucket, settings),
    rules: (queueArn) => readRules(queueArn, settings),
    eventBus: (name) => readEventBus(name, settings),
    bucket: (name) => readBucket(name, settings),
    expirations: (bucket) => readExpirations(bucket, settings),
    workgroup: (name) => readWorkgroup(name, settings),
    cluster: (identifier) => readCluster(identifier, settings),
    function: (name) => readFunction(name, settings),
    mappings: (functionName) => readMappings(functionName, settings),
    errors: (functionName) => readErrors(functionName, now(), settings),
    alarms: (prefix) => readAlarms(prefix, settings),
    subscribers: (topicArn) => readSubscribers(topicArn, settings),
    remove: (bucket, key) => removeObject(bucket, key, settings),
  };
}
