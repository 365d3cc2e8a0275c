/** An object as the store knows it. The bytes stay in `file`; the etag is bare, without S3's quotes. */
export type StoredObject = {
  key: string;
  file: string;
  /** Whether the file is the store's own; a file of a mounted directory is its user's and is never removed. */
  owned: boolean;
  sizeBytes: number;
  etag: string;
  /** When it was written, or when a file of a mounted directory was seen; epoch milliseconds. */
  atMs: number;
  /** Greater than that of every write before, in this run or a former one. */
  sequencer: string;
  /** Of a mounted file: what tells this content from the next without reading it. */
  signature?: string;
  contentType: string;
  metadata: Readonly<Record<string, string>>;
};

/** How an object came to be or went, in the words of S3's event names. */
export type ChangeName =
  'ObjectCreated:Put' | 'ObjectCreated:Copy' | 'ObjectCreated:CompleteMultipartUpload' | 'ObjectRemoved:Delete';

/** One write to the store, told to its listeners in the order of the writes. `object` is what was created or removed. */
export type ObjectChange = {
  name: ChangeName;
  bucket: string;
  object: StoredObject;
  at: Date;
  sequencer: string;
  /** A former run told of it already. */
  isAgain?: true;
};

/** What `put` needs to know of a new object. */
export type NewObject = Omit<StoredObject, 'sequencer'>;

/** When an object was written, in whole seconds as S3 keeps it. */
export function lastModified({ atMs }: Pick<StoredObject, 'atMs'>): Date {
  return new Date(Math.floor(atMs / 1000) * 1000);
}
