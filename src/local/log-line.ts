import { number, pluralize } from '../numbers.ts';

/**
 * What a log line of the function says to the person who watches; nothing for what they need not see. `countNames` are what
 * people call the counts of the sources.
 */
export function describeLogLine(line: string, countNames: { healed: string }): string | undefined {
  const entry = parse(line);
  if (entry === undefined) return line;
  if ('_aws' in entry) return undefined;
  switch (entry.level) {
    case 'ERROR':
    case 'WARN':
      return [String(entry.message), detail(entry)].filter((part) => part !== '').join(': ');
    default:
      return entry.message === 'batch committed' ? committed(entry, countNames) : undefined;
  }
}

/** A log entry, or undefined for a line that is none, which is shown as it is. */
function parse(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    // Not one of our log lines; the caller shows it unchanged.
    return undefined;
  }
}

function committed(entry: Record<string, unknown>, { healed }: { healed: string }): string {
  const count = (name: string): number => Number(entry[name]);
  const extras = [
    [count('objectsQuarantined'), `${number(count('objectsQuarantined'))} quarantined`],
    [count('objectsVanished'), `${number(count('objectsVanished'))} vanished`],
    [count('rowsHealed'), `${healed}: ${number(count('rowsHealed'))}`],
    [count('rowsRejected'), `${pluralize(count('rowsRejected'), 'row')} rejected`],
  ].flatMap(([many, text]) => (Number(many) > 0 ? [text] : []));
  const loaded = `${pluralize(count('objectsLoaded'), 'object')}, ${pluralize(count('rowsMerged'), 'row')}`;
  return [`batch ${number(count('batchNo'))}: ${loaded}`, ...extras].join(', ');
}

function detail(entry: Record<string, unknown>): string {
  return ['reason', 'error', 'hint']
    .flatMap((name) => (typeof entry[name] === 'string' ? [entry[name]] : []))
    .join(' → ');
}
