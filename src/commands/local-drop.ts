import { mapConcurrently } from '../pool.ts';
import type { Connection } from '../ports.ts';
import type { Drop } from '../ui/shapes.ts';

const MANY = 1000;

/**
 * Puts files into the local landing bucket, as any S3 client would: one with a play, one whose second line is broken, or a
 * thousand with a play each. Gives the key of the first. @throws LoaderError
 */
export async function dropFiles(what: Drop, { objects, config, clock }: Connection): Promise<{ url: string }> {
  const bucket = config.landing.buckets[0] ?? '';
  const prefix = config.landing.sources.find(({ name }) => name === 'events')?.prefix ?? '';
  const nowMs = clock.now();
  const stamp = new Date(nowMs).toISOString().replace(/[:.]/g, '-');
  const numbers = Array.from({ length: what === 'many' ? MANY : 1 }, (_, index) => index);
  const key = (number: number): string =>
    `${prefix}from-the-page/${stamp}${what === 'many' ? `/${number}` : `-${what}`}.json`;
  await mapConcurrently(numbers, (number) => {
    const play = playOf(nowMs, number);
    return objects.put(
      bucket,
      key(number),
      what === 'bad' ? `${play}\n{"page": "NextSong", "ts": oops}\n` : `${play}\n`,
    );
  });
  return { url: `s3://${bucket}/${key(0)}` };
}

/** A play of a user and a session of its own. */
function playOf(ts: number, number: number): string {
  const person = { userId: '7', firstName: 'Ada', lastName: 'Example', gender: 'F', level: 'free' };
  const session = { sessionId: ts, itemInSession: number, location: 'This page', userAgent: 'sparkify' };
  return JSON.stringify({
    page: 'NextSong',
    ts: ts + number,
    ...person,
    ...session,
    song: 'A new song',
    artist: 'Somebody',
    length: 200,
  });
}
