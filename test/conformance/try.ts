import { startStack } from '/work/w-conf/src/local/stack.ts';
import { worldOf } from '/work/w-conf/test/conformance/world.ts';
import { judge } from '/work/w-conf/test/conformance/judge.ts';
import { BELIEFS, doubled } from '/work/w-conf/test/conformance/beliefs.ts';
import { mkdtempSync } from 'node:fs';
const stack = await startStack({ home: mkdtempSync('/tmp/conf-'), inMemory: true, eventSource: false });
const world = worldOf(stack.environment);
const t = Date.now();
try {
  await world.open();
  const judged = await judge(world, BELIEFS, new AbortController().signal);
  for (const { difference } of judged) if (difference) console.log(JSON.stringify(difference, null, 1));
  console.log(judged.length, judged.filter((j) => j.difference).length, Date.now() - t, 'ms', doubled());
} finally {
  await world.close();
  await stack.stop();
}
