import { S3Error } from './error.ts';

/**
 * Takes an `aws-chunked` body apart: `<hex size>[;chunk-signature=…]\r\n<bytes>\r\n … 0\r\n<trailers>`. The SDKs send
 * streams and trailing checksums this way. Yields the object's bytes as they come, never more than one piece in memory.
 * Throws `IncompleteBody` when the last chunk is missing.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 */
export async function* decodeAwsChunked(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held: Buffer = Buffer.alloc(0);
  let remaining = 0;
  let finished = false;
  for await (const piece of body) {
    if (finished) continue;
    held = held.length === 0 ? Buffer.from(piece) : Buffer.concat([held, piece]);
    while (held.length > 0) {
      if (remaining > 0) {
        const data = held.subarray(0, remaining);
        remaining -= data.length;
        held = held.subarray(data.length);
        yield data;
        continue;
      }
      const line = sizeLine(held);
      if (line === undefined) break;
      held = held.subarray(line.length);
      remaining = line.size;
      finished = line.size === 0;
      if (finished) break;
    }
  }
  if (!finished) throw new S3Error('IncompleteBody', 'The request ended before its last chunk.', 400);
}

/** A size and its signature, with room to spare. */
const LONGEST_LINE_BYTES = 1024;

/** Reads `\r\n`-terminated size lines; the blank line that closes the previous chunk belongs to the next size line. */
function sizeLine(bytes: Buffer): { size: number; length: number } | undefined {
  const start = bytes[0] === 13 ? 2 : 0;
  const end = bytes.indexOf('\r\n', start);
  // What has no end would be held, and looked through again with every piece.
  if (end === -1 && bytes.length <= LONGEST_LINE_BYTES) return undefined;
  const size = /^[0-9a-f]{1,12}(?=;|$)/i.exec(end === -1 ? '' : bytes.toString('latin1', start, end))?.[0];
  if (size === undefined) throw new S3Error('InvalidRequest', 'A chunk has no size.', 400);
  return { size: parseInt(size, 16), length: end + 2 };
}
