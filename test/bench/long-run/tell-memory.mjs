/** Runs inside of the stack's process: writes what its JavaScript holds into a file, each second. */
import { renameSync, writeFileSync } from 'node:fs';
import { constants, PerformanceObserver } from 'node:perf_hooks';

const EVERY_MS = 1000;
const { MEMORY_FILE } = process.env;

if (MEMORY_FILE === undefined) throw new Error('MEMORY_FILE must name the file to write to');

/** What was used when garbage had last been collected from the whole heap. */
let liveBytes = process.memoryUsage().heapUsed;

new PerformanceObserver((list) => {
  const isWhole = list.getEntries().some(({ detail }) => detail?.kind === constants.NODE_PERFORMANCE_GC_MAJOR);
  if (isWhole) liveBytes = process.memoryUsage().heapUsed;
}).observe({ entryTypes: ['gc'] });

function tell() {
  // Whoever reads finds a whole file.
  writeFileSync(`${MEMORY_FILE}.new`, JSON.stringify({ ...process.memoryUsage(), liveBytes }));
  renameSync(`${MEMORY_FILE}.new`, MEMORY_FILE);
}

tell();
setInterval(tell, EVERY_MS).unref();
