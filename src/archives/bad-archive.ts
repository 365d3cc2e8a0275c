/** An object whose bytes cannot be decompressed. The message says why. */
export class BadArchive extends Error {}
