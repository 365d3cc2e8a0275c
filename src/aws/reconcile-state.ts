import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import * as v from 'valibot';
import type { ReconcileState, StateStore } from '../catch-up/reconcile.ts';
import { translateException } from './translate.ts';

const schema = v.object({
  place: v.object({ bucket: v.string(), key: v.string() }),
  upTo: v.optional(v.string()),
});

/**
 * Stores the progress of a scheduled reconcile as one small object, `<control prefix>reconcile/state.json`. Content that cannot
 * be parsed, perhaps from another release, counts as none: the reconcile starts over, which only costs time.
 */
export class S3StateStore implements StateStore {
  readonly #client: S3Client;
  readonly #address: { Bucket: string; Key: string };

  constructor(client: S3Client, control: { bucket: string; prefix: string }) {
    this.#client = client;
    this.#address = { Bucket: control.bucket, Key: `${control.prefix}reconcile/state.json` };
  }

  async read(): Promise<ReconcileState | undefined> {
    try {
      const { Body } = await this.#client.send(new GetObjectCommand(this.#address));
      const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), (await Body?.transformToString()) ?? '');
      if (!parsed.success) return undefined;
      const { place, upTo } = parsed.output;
      return { place, ...(upTo === undefined ? {} : { upTo }) };
    } catch (error) {
      const translated = translateException(error, 'reading the state of the reconcile');
      if (translated.code === 'missing-object') return undefined;
      throw translated;
    }
  }

  async write(state: ReconcileState): Promise<void> {
    try {
      await this.#client.send(
        new PutObjectCommand({ ...this.#address, Body: JSON.stringify(state), ContentType: 'application/json' }),
      );
    } catch (error) {
      throw translateException(error, 'writing the state of the reconcile');
    }
  }
}
