import { STAGES, stageOf } from '../sql/stages.ts';
import type { Templates } from '../sql/statement.ts';
import { leaveOutLines, splitFile } from '../sql/template.ts';
import type { RanStatement, StageTime } from './shapes.ts';

/** Everything that a template leaves open. */
const PLACEHOLDER = /::|:"[a-z_]+"|:'[a-z_]+'|:[a-z_][a-z0-9_]*/g;

/** Tells of a statement that ran which load file it was rendered from. */
export type LoadFileFinder = (sql: string) => { file: string; stage: string } | undefined;

/**
 * Finds load files by the text between their placeholders, which rendering leaves as it is. The warehouse keeps statements and not
 * their names, so this is the only way from one to the other.
 */
export function loadFileFinder(templates: Templates, optional: readonly string[]): LoadFileFinder {
  const known = Object.entries(templates)
    .filter(([name]) => /\/\d+-/.test(name))
    .flatMap(([file, template]) =>
      [leaveOutLines(template, []), leaveOutLines(template, optional)].map((text) => ({
        file,
        stage: stageOf(file),
        pieces: fixedPieces(text),
      })),
    )
    .sort((a, b) => length(b.pieces) - length(a.pieces));
  return (sql) => known.find(({ pieces }) => fits(sql.trim(), pieces));
}

function fixedPieces(template: string): string[] {
  const [statement = ''] = splitFile(template);
  const pieces = statement.split(PLACEHOLDER);
  // What is rendered has no blanks at its end, where the last placeholder may be nothing.
  const last = pieces.length - 1;
  return pieces.map((piece, index) => (index === last - 1 && pieces[last] === '' ? piece.trimEnd() : piece));
}

function length(pieces: readonly string[]): number {
  return pieces.reduce((sum, piece) => sum + piece.length, 0);
}

/** Whether a text consists of these pieces, in this order, and anything between them. */
function fits(text: string, pieces: readonly string[]): boolean {
  const [first = '', ...others] = pieces;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const piece of others) {
    const found = text.indexOf(piece, at);
    if (found === -1) return false;
    at = found + piece.length;
  }
  return pieces.length === 1 ? text === first : text.endsWith(pieces.at(-1) ?? '');
}

/** The seconds of each stage, in their order; stages that ran no statement are left out. */
export function stageTimes(statements: readonly RanStatement[]): StageTime[] {
  return (['staging', 'merging'] as const).flatMap((phase) =>
    STAGES[phase].flatMap((stage) => {
      const own = statements.filter((one) => one.phase === phase && one.stage === stage);
      return own.length === 0 ? [] : [{ phase, stage, seconds: own.reduce((sum, { seconds }) => sum + seconds, 0) }];
    }),
  );
}
