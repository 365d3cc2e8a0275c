import { commandFor, deployAgain, type Deployment } from './deployment.ts';
import type { BucketFacts, Expiration } from './facts.ts';
import { fine, wrong, type Finding } from './finding.ts';

/** Judges whether a bucket is there, and where the warehouse's COPY looks for it. */
export function judgeBucket(
  check: string,
  bucket: string,
  facts: BucketFacts | undefined,
  deployment: Deployment,
): Finding[] {
  const { region } = deployment;
  if (facts === undefined) return [wrong(check, `${bucket} does not exist`, deployAgain(deployment))];
  if (facts.region === undefined) return [fine(check, bucket)];
  if (facts.region === region) return [fine(check, `${bucket}, in ${region}`)];
  // The loader's COPY names the warehouse's own region.
  return [
    wrong(
      check,
      `${bucket} is in ${facts.region}, and the warehouse in ${region}: COPY looks for its files in ${region}`,
      `${deployAgain(deployment)} --region ${facts.region}`,
    ),
  ];
}

/** Judges whether what loads write below the control prefix expires. */
export function judgeExpiry(
  bucket: string,
  prefix: string,
  expirations: readonly Expiration[],
  deployment: Deployment,
): Finding[] {
  const check = 'expiry of manifests';
  const found = expirations.find((one) => prefix.startsWith(one.prefix));
  if (found) return [fine(check, `s3://${bucket}/${prefix} expires after ${found.days} days`)];
  return [wrong(check, `nothing below s3://${bucket}/${prefix} ever expires`, deployAgain(deployment))];
}

/** How whether the loader may write to the control bucket can be tested, which changes it. */
export function untestedWriting(deployment: Deployment): string {
  return `not tested, because that would change it; a load tests it: ${commandFor('npx sparkify doctor --canary', deployment)}`;
}
