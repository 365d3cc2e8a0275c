/** The id of a delivery's batch. Ids sort by time and contain the invocation id, so that its log can be found. */
export function batchIdOf(
  { requestId, part }: { requestId: string; part: string },
  index: number,
  nowMs: number,
): string {
  const time = new Date(nowMs)
    .toISOString()
    .replace(/[-:]/g, '')
    .replace(/\.\d+Z$/, 'z')
    .toLowerCase();
  return `${time}-${requestId.slice(0, 8)}${part}-${index}`;
}

/** Whether a batch is one of a delivery, and not of a command, whose batches are named by the command. */
export function isDeliveryBatch(batchId: string): boolean {
  return /^\d{8}t\d{6}z-/.test(batchId);
}
