import {
  DeleteObjectCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketNotificationConfigurationCommand,
  HeadBucketCommand,
  S3Client,
  type FilterRule,
} from '@aws-sdk/client-s3';
import { translateException } from '../../aws/translate.ts';
import type { BucketFacts, Expiration, NotificationFacts } from '../facts.ts';
import type { Look } from '../finding.ts';
import { clientOf, look, lookFor, type Settings } from './look.ts';

/** A bucket of any region: the client follows S3 to where it is. */
export function readBucket(name: string, settings: Settings): Promise<Look<BucketFacts | undefined>> {
  const question = { service: 'S3' as const, action: 's3:ListBucket', missing: /^(NotFound|NoSuchBucket)$/ };
  return lookFor(question, settings, () =>
    withS3(settings, async (client) => {
      const { BucketRegion } = await client.send(new HeadBucketCommand({ Bucket: name }));
      return { region: BucketRegion };
    }),
  );
}

/** To whom a bucket tells of its objects. */
export function readNotifications(bucket: string, settings: Settings): Promise<Look<NotificationFacts>> {
  return look({ service: 'S3', action: 's3:GetBucketNotification' }, settings, () =>
    withS3(settings, async (client) => {
      const found = await client.send(new GetBucketNotificationConfigurationCommand({ Bucket: bucket }));
      const queues = (found.QueueConfigurations ?? []).map(({ QueueArn = '', Events = [], Filter }) => ({
        arn: QueueArn,
        events: Events,
        prefix: valueOf('prefix', Filter?.Key?.FilterRules),
        suffix: valueOf('suffix', Filter?.Key?.FilterRules),
      }));
      return { queues, eventBridge: found.EventBridgeConfiguration !== undefined };
    }),
  );
}

/** The rules by which objects of a bucket expire after some days. */
export function readExpirations(bucket: string, settings: Settings): Promise<Look<Expiration[]>> {
  return look({ service: 'S3', action: 's3:GetLifecycleConfiguration' }, settings, () =>
    withS3(settings, async (client) => {
      try {
        const { Rules = [] } = await client.send(new GetBucketLifecycleConfigurationCommand({ Bucket: bucket }));
        return Rules.flatMap((rule) => {
          const days = rule.Expiration?.Days;
          if (rule.Status !== 'Enabled' || days === undefined) return [];
          // Rules that were written before filters existed are given back as they were written.
          // eslint-disable-next-line @typescript-eslint/no-deprecated
          return [{ prefix: rule.Filter?.Prefix ?? rule.Prefix ?? '', days }];
        });
      } catch (error) {
        if (error instanceof Error && error.name === 'NoSuchLifecycleConfiguration') return [];
        throw error;
      }
    }),
  );
}

/** Removes an object. @throws LoaderError */
export async function removeObject(bucket: string, key: string, settings: Settings): Promise<void> {
  try {
    await withS3(settings, (client) => client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key })));
  } catch (error) {
    throw translateException(error, `removing s3://${bucket}/${key}`);
  }
}

function valueOf(name: string, rules: readonly FilterRule[] = []): string {
  return rules.find((rule) => rule.Name?.toLowerCase() === name)?.Value ?? '';
}

async function withS3<T>(settings: Settings, work: (client: S3Client) => Promise<T>): Promise<T> {
  const client = new S3Client({ ...clientOf('S3', settings), followRegionRedirects: true });
  try {
    return await work(client);
  } finally {
    client.destroy();
  }
}
