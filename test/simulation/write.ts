import { gzipSync } from 'node:zlib';
import type { EventRecord, TestStack } from '../support/stack.ts';

/** Writes an object, compressed if its key says so, at a time of the history's own, and gives S3's record of it. */
export function write(stack: TestStack, key: string, body: string, at: Date): Promise<EventRecord> {
  return stack.put(key, key.endsWith('.gz') && body !== '' ? gzipSync(body) : body, { at });
}
