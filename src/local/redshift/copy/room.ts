/** A block of memory that begins with the same `usedBytes` and has `neededBytes`, itself if it is large enough. */
export function withRoom(block: Buffer, usedBytes: number, neededBytes: number): Buffer {
  if (neededBytes <= block.length) return block;
  const larger = Buffer.allocUnsafeSlow(Math.max(neededBytes, 2 * block.length));
  block.copy(larger, 0, 0, usedBytes);
  return larger;
}
