import { main } from './run.ts';

/** The first signal ends the run, which then removes what it has made; more of them change nothing. */
const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (!interruption.signal.aborted) process.stderr.write('Stopping; what was made is removed first.\n');
    interruption.abort();
  });
}

const write = (stream: NodeJS.WriteStream) => (line: string) => void stream.write(`${line}\n`);
process.exitCode = await main(
  process.argv.slice(2),
  { out: write(process.stdout), err: write(process.stderr) },
  interruption.signal,
);
