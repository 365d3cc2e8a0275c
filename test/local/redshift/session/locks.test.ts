import { LockManager, type LockMode } from '../../../../src/local/redshift/session/locks.ts';

const never = new AbortController().signal;
const modes: LockMode[] = ['read', 'insert', 'write', 'exclusive'];

/** Starts to wait; `granted` tells whether the lock is there by now. */
function waiting(promise: Promise<void>): { granted: () => Promise<boolean> } {
  let done = false;
  promise.then(
    () => (done = true),
    () => (done = false),
  );
  return {
    granted: async () => {
      await new Promise(setImmediate);
      return done;
    },
  };
}

describe('two transactions on one table', () => {
  const together: Record<'SNAPSHOT' | 'SERIALIZABLE', string[]> = {
    SNAPSHOT: ['read+read', 'read+insert', 'read+write', 'insert+read', 'insert+insert', 'write+read'],
    SERIALIZABLE: ['read+read', 'read+insert', 'read+write', 'insert+read', 'write+read'],
  };
  for (const isolation of ['SNAPSHOT', 'SERIALIZABLE'] as const) {
    for (const first of modes) {
      for (const second of modes) {
        const shares = together[isolation].includes(`${first}+${second}`);
        test(`${isolation}: ${second} ${shares ? 'goes on beside' : 'waits for'} ${first}`, () => {
          const locks = new LockManager(isolation);
          expect(locks.tryAcquire(1, 'public.plays', first)).toBe(true);
          expect(locks.tryAcquire(2, 'public.plays', second)).toBe(shares);
          expect(locks.tryAcquire(2, 'public.users', second)).toBe(true);
        });
      }
    }
  }
});

test('waiters are served in the order they came, and nobody overtakes', async () => {
  const locks = new LockManager('SNAPSHOT');
  await locks.acquire(1, 't', 'exclusive', never);
  const second = waiting(locks.acquire(2, 't', 'exclusive', never));
  const reader = waiting(locks.acquire(3, 't', 'read', never));
  locks.release(1);
  expect([await second.granted(), await reader.granted()]).toEqual([true, false]);
  expect(locks.tryAcquire(4, 't', 'read')).toBe(false);
  locks.release(2);
  expect(await reader.granted()).toBe(true);
});

test('a lock that is already held is not asked for twice, and a stronger one is taken in addition', async () => {
  const locks = new LockManager('SNAPSHOT');
  await locks.acquire(1, 't', 'insert', never);
  expect(locks.tryAcquire(1, 't', 'read')).toBe(true);
  expect(locks.tryAcquire(1, 't', 'write')).toBe(true);
  expect(locks.tryAcquire(2, 't', 'insert')).toBe(false);
});

test('two inserters who both want to update deadlock, and the second is told at once', async () => {
  const locks = new LockManager('SNAPSHOT');
  await locks.acquire(1, 't', 'insert', never);
  await locks.acquire(2, 't', 'insert', never);
  const first = waiting(locks.acquire(1, 't', 'write', never));
  await expect(locks.acquire(2, 't', 'write', never)).rejects.toThrow('deadlock detected');
  expect(await first.granted()).toBe(false);
  locks.release(2);
  expect(await first.granted()).toBe(true);
});

test('a circle over three tables is found', async () => {
  const locks = new LockManager('SNAPSHOT');
  for (const owner of [1, 2, 3]) await locks.acquire(owner, `t${owner}`, 'write', never);
  const one = waiting(locks.acquire(1, 't2', 'write', never));
  const two = waiting(locks.acquire(2, 't3', 'write', never));
  await expect(locks.acquire(3, 't1', 'write', never)).rejects.toThrow('deadlock detected');
  locks.release(3);
  expect([await two.granted(), await one.granted()]).toEqual([true, false]);
});

test('a waiter that is cancelled leaves the queue, and those behind it move up', async () => {
  const locks = new LockManager('SNAPSHOT');
  await locks.acquire(1, 't', 'read', never);
  const cancel = new AbortController();
  const cancelled = locks.acquire(2, 't', 'exclusive', cancel.signal);
  const reader = waiting(locks.acquire(3, 't', 'read', never));
  expect(await reader.granted()).toBe(false);
  cancel.abort(new Error('stopped'));
  await expect(cancelled).rejects.toThrow('stopped');
  expect(await reader.granted()).toBe(true);
});

test('a transaction that holds a lock strengthens it before those who wait behind', async () => {
  const locks = new LockManager('SNAPSHOT');
  await locks.acquire(1, 't', 'read', never);
  await locks.acquire(2, 't', 'read', never);
  const stranger = waiting(locks.acquire(3, 't', 'exclusive', never));
  const upgrade = waiting(locks.acquire(1, 't', 'exclusive', never));
  locks.release(2);
  expect([await upgrade.granted(), await stranger.granted()]).toEqual([true, false]);
  locks.release(1);
  expect(await stranger.granted()).toBe(true);
});
