/** Memory of processes, as Linux tells it. Elsewhere nothing is known, and nothing is claimed. */
import { readdirSync, readFileSync } from 'node:fs';

/** The largest resident size a process ever had, or has now, in MB; undefined where there is no /proc. */
export function residentMegabytes(pid: number, which: 'peak' | 'now'): number | undefined {
  const name = which === 'peak' ? 'VmHWM' : 'VmRSS';
  const kilobytes = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(statusOf(pid))?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) / 1024;
}

/** The largest peak among the living children of a process, in MB. */
export function peakMemoryOfChildren(parent: number): number | undefined {
  const peaks = processes()
    .filter((pid) => new RegExp(`^PPid:\\s+${parent}$`, 'm').test(statusOf(pid)))
    .map((pid) => residentMegabytes(pid, 'peak') ?? 0);
  return peaks.length === 0 ? undefined : Math.max(...peaks);
}

function processes(): number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Empty for a process that has ended meanwhile. */
function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return '';
    throw error;
  }
}
