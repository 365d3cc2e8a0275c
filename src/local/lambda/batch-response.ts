/** The result of one delivery. */
export type DeliveryResult =
  /** The function answered; the messages with the ids in `failed` stay in the queue. */
  | { kind: 'answered'; failed: string[] }
  /** The response is invalid, which Lambda treats as a failure of the whole delivery. */
  | { kind: 'invalid response'; reason: string }
  /** The function threw, crashed or ran out of time. */
  | { kind: 'function error'; error: Error };

/**
 * Reads a partial batch response as Lambda does. No response, or none with a list, means success: a function
 * that forgets to respond acknowledges everything. One item that names no message of the delivery fails all of it.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export function readBatchResponse(response: unknown, delivered: ReadonlySet<string>): DeliveryResult {
  if (response === null || response === undefined) return { kind: 'answered', failed: [] };
  if (typeof response !== 'object') return invalid('the response is not an object');
  const items = 'batchItemFailures' in response ? response.batchItemFailures : undefined;
  if (items === null || items === undefined) return { kind: 'answered', failed: [] };
  if (!Array.isArray(items)) return invalid('batchItemFailures is not a list');
  const failed: string[] = [];
  for (const item of items as unknown[]) {
    const id = typeof item === 'object' && item !== null && 'itemIdentifier' in item ? item.itemIdentifier : undefined;
    if (typeof id !== 'string' || id === '') return invalid('an item of batchItemFailures has no itemIdentifier');
    if (!delivered.has(id)) return invalid(`the itemIdentifier ${id} is not in the delivery`);
    failed.push(id);
  }
  return { kind: 'answered', failed };
}

function invalid(reason: string): DeliveryResult {
  return { kind: 'invalid response', reason };
}
