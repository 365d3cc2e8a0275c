import { DescribeEventBusCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { Look } from '../finding.ts';
import { clientOf, lookFor, type Settings } from './look.ts';

/** Whether an event bus is there. */
export function readEventBus(name: string, settings: Settings): Promise<Look<true | undefined>> {
  const question = { service: 'EVENTBRIDGE' as const, action: 'events:DescribeEventBus', missing: /^ResourceNotFound/ };
  return lookFor(question, settings, async () => {
    const client = new EventBridgeClient(clientOf('EVENTBRIDGE', settings));
    try {
      await client.send(new DescribeEventBusCommand({ Name: name }));
      return true as const;
    } finally {
      client.destroy();
    }
  });
}
