/** Reads a text that is one JSON object. Throws `malformed` when it is anything else. */
export function parseObject(text: string, malformed: Error): object {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    // Where the text stops being JSON is more than Redshift says.
    throw malformed;
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document)) throw malformed;
  return document;
}
