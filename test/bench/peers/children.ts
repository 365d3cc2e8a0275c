import { readFileSync } from 'node:fs';

/** Linux counts the time of processes in hundredths of a second. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
const TICKS_PER_SECOND = 100;

/** The processor seconds of all ended children of this process, and of theirs; NaN where there is no /proc. */
export function childrenCpuSeconds(): number {
  if (process.platform !== 'linux') return Number.NaN;
  // The name of the program, in parentheses, may have blanks in it.
  const [, fields = ''] = readFileSync('/proc/self/stat', 'utf8').split(') ');
  const [user, system] = fields.split(' ').slice(13, 15).map(Number);
  return ((user ?? Number.NaN) + (system ?? Number.NaN)) / TICKS_PER_SECOND;
}
