import { number, pluralize } from '../numbers.ts';

/**
 * A log line of the function for the terminal; undefined for lines that need not be shown. `countNames` are the display names
 * of the sources' counts.
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
      if (entry.message === 'batch committed') return committed(entry, countNames);
      return RETURN.includes(String(entry.message)) ? String(entry.message) : undefined;
  }
}

/** What the resume function says when the warehouse works again. */
const RETURN = ['the warehouse answers: loads are let through', 'the warehouse is back'];

/** A parsed log entry; undefined for other lines, which are shown unchanged. */
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
    [count('fieldsDrifted'), `${pluralize(count('fieldsDrifted'), 'field')} changed`],
  ].flatMap(([many, text]) => (Number(many) > 0 ? [text] : []));
  const loaded = `${pluralize(count('objectsLoaded'), 'object')}, ${pluralize(count('rowsMerged'), 'row')}`;
  return [`batch ${number(count('batchNo'))}: ${loaded}`, ...extras].join(', ');
}

function detail(entry: Record<string, unknown>): string {
  return ['reason', 'error', 'hint']
    .flatMap((name) => (typeof entry[name] === 'string' ? [entry[name]] : []))
    .join(' → ');
}
