import { arch, cpus, platform, totalmem } from 'node:os';

/** What the figures were measured on, in one line. */
export function machine(): string {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 1024 ** 3);
  const runtime = `Node ${process.versions.node}`;
  return `${cpus().length} cores (${cpu?.model.trim() ?? 'unknown'}), ${memory} GiB, ${platform()} ${arch()}, ${runtime}`;
}
