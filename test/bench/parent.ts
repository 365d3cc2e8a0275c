/** The other end of `child.ts`. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Answers, Task } from './child.ts';

/** A process that does one task after the other. */
export type Child = {
  /** Throws what the task threw, as text, and when the process ends before it answers. */
  ask: <Name extends Task['do']>(task: Extract<Task, { do: Name }>) => Promise<Answers[Name]>;
  /** Asks for the end of what was started, and ends the process. */
  end: () => Promise<Answers['end']>;
};

type Reply = { answer: Answers[Task['do']] } | { failure: string };

/** Starts a child. */
export function startChild(): Child {
  const child = fork(fileURLToPath(new URL('child.ts', import.meta.url)), {
    execArgv: ['--import', 'tsx', '--disable-warning=ExperimentalWarning'],
    serialization: 'advanced',
  });
  const ask: Child['ask'] = async (task) => {
    const waiting = new AbortController();
    const ended = once(child, 'exit', { signal: waiting.signal }).then(() => {
      throw new Error(`the process of the bench ended before it answered ${task.do}`);
    });
    const answered = once(child, 'message', { signal: waiting.signal });
    child.send(task);
    try {
      const [reply] = (await Promise.race([answered, ended])) as [Reply];
      if ('failure' in reply) throw new Error(reply.failure);
      return reply.answer as Answers[typeof task.do];
    } finally {
      waiting.abort();
      await Promise.allSettled([ended, answered]);
    }
  };
  return {
    ask,
    end: async () => {
      const answer = await ask({ do: 'end' });
      child.disconnect();
      if (child.exitCode === null) await once(child, 'exit');
      return answer;
    },
  };
}
