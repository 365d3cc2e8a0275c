import { LoaderError } from '../errors.ts';
import type { Connection } from '../ports.ts';
import { describeWaiting } from '../waiting/resume.ts';
import { readWaiting } from '../waiting/waiting.ts';

/** What is known of a warehouse that is waited for: nothing, since when and why with the next step, or why it is not known. */
export type WaitingReport = { text: string; hint: string } | { unreadable: string } | null;

/** Reads whether the warehouse is waited for. It asks S3 only, so it answers when the warehouse does not. */
export async function readWaitingReport({ config, objects }: Connection): Promise<WaitingReport> {
  try {
    const waiting = await readWaiting(config.control, objects);
    return waiting === undefined ? null : describeWaiting(waiting);
  } catch (error) {
    if (!(error instanceof LoaderError)) throw error;
    return { unreadable: error.message };
  }
}

/** The report as a line, `what → next step`; undefined when nothing is waited for. */
export function waitingLine(report: WaitingReport): string | undefined {
  if (report === null) return undefined;
  if ('unreadable' in report) return `Whether the warehouse is waited for is not known: ${report.unreadable}`;
  return `${report.text} → ${report.hint}`;
}

/** Whether an error may be why the warehouse is waited for. */
export function isAway(error: unknown): error is LoaderError {
  return error instanceof LoaderError && ['unavailable', 'misconfigured', 'connection'].includes(error.code);
}
