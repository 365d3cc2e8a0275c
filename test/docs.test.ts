import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import type { CommandContext } from '../src/commands/command.ts';
import { createProgram } from '../src/commands/program.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const read = (path: string): string => readFileSync(`${ROOT}${path}`, 'utf8');

/** Every page of the documentation. */
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'src/local/redshift/README.md',
  ...readdirSync(`${ROOT}docs`)
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
];
const handbook = ['README.md', 'docs/OPERATIONS.md'];

/** A program whose commands do nothing, and what it printed. */
function idleProgram(): { program: Command; printed: string[] } {
  const printed: string[] = [];
  const context: CommandContext = {
    io: {
      out: (line) => printed.push(line),
      err: (line) => printed.push(line),
      confirm: () => Promise.resolve(false),
      isTerminal: false,
      screen: () => undefined,
      user: 'ann@laptop',
      interrupted: new AbortController().signal,
    },
    useStage: () => Promise.resolve({ region: 'us-east-1', outputs: {} }),
    connect: () => {
      throw new Error('documentation connects to nothing');
    },
    controlPlane: () => Promise.reject(new Error('documentation looks at nothing')),
    exit: () => undefined,
    version: '0.0.0',
  };
  const program = createProgram(context);
  for (const command of leavesOf(program)) command.action(() => undefined);
  return { program, printed };
}

/** The commands that do something: those without commands of their own. */
function leavesOf(command: Command): Command[] {
  return command.commands.flatMap((one) => (one.commands.length === 0 ? [one] : leavesOf(one)));
}

/** A command as it is typed: its name behind those it stands below. */
function typed(command: Command): string {
  const above = command.parent?.parent ? `${typed(command.parent)} ` : '';
  return `${above}${command.name()}`;
}

const names = leavesOf(idleProgram().program).map(typed);

/** The words of a command line: split at blanks, quotes taken off, comments and pipes cut. */
function wordsOf(line: string): string[] {
  const words = line.match(/"[^"]*"|'[^']*'|[^\s"']+/g) ?? [];
  const end = words.findIndex((word) => /^([#|;>]|&&|\d?>)/.test(word));
  return words.slice(0, end === -1 ? undefined : end).map((word) => word.replace(/^(["'])(.*)\1$/s, '$2'));
}

/** The command lines in a page's ```sh blocks that begin with some words; a prompt and a continued line are joined up. */
function commandLines(text: string, start: RegExp): string[] {
  const blocks = [...text.matchAll(/^```(?:sh|bash|console)\n([^]*?)^```/gm)].map(([, block]) => block ?? '');
  return blocks
    .flatMap((block) => block.replace(/\\\n\s*/g, ' ').split('\n'))
    .map((line) => line.replace(/^\$ /, '').trim())
    .filter((line) => start.test(line));
}

/** Parses a command line the way the program would, and says what is wrong with it. */
async function misuse(line: string): Promise<string> {
  const { program, printed } = idleProgram();
  const asked = line
    .replace(/^npm start( --)?/, 'npx sparkify local')
    .replace(/^npm run sparkify( --)?/, 'npx sparkify');
  const words = wordsOf(asked).slice('npx sparkify'.split(' ').length);
  return program.parseAsync(words, { from: 'user' }).then(
    () => 'none',
    (error: unknown) => `${String(error)} ${printed.join('\n')}`,
  );
}

/** The help of a command or a group of commands. */
async function helpOf(words: readonly string[]): Promise<string> {
  const { program, printed } = idleProgram();
  await expect(program.parseAsync([...words, '--help'], { from: 'user' })).rejects.toMatchObject({ exitCode: 0 });
  return printed.join('\n');
}

describe.each(names)('the command %s', (name) => {
  const find = (): Command => leavesOf(idleProgram().program).find((one) => typed(one) === name)!;

  test('has a help that says what it does, with examples, its own or its group’s, that it understands', async () => {
    expect(find().description()).toMatch(/^[A-Z][^]*\.$/);
    const group = name.split(' ').slice(0, -1);
    const help = [await helpOf(name.split(' ')), ...(group.length === 0 ? [] : [await helpOf(group)])].join('\n');
    const lines = help.split('\n').map((line) => line.trim());
    const examples = lines.filter((line) => `${line} `.startsWith(`npx sparkify ${name} `));
    expect(examples).not.toEqual([]);
    for (const example of examples) expect([example, await misuse(example)]).toEqual([example, 'none']);
  });

  test('offers --json', () => {
    expect(find().options.map(({ long }) => long)).toContain('--json');
  });

  test('is documented', () => {
    expect(handbook.filter((page) => read(page).includes(`sparkify ${name}`))).not.toEqual([]);
  });
});

test('a command line that means nothing is seen', async () => {
  expect(await misuse('npx sparkify create-tables --dorp')).toContain("unknown option '--dorp'");
  expect(await misuse('npx sparkify fly')).toContain("unknown command 'fly'");
  expect(await misuse('npx sparkify query "SELECT 1" --json # rows')).toBe('none');
});

describe('the documentation', () => {
  const scripts = Object.keys((JSON.parse(read('package.json')) as { scripts: object }).scripts);

  test('shows command lines that the program understands', async () => {
    const lines = pages.flatMap((page) => commandLines(read(page), /^(npx sparkify|npm run sparkify|npm start)\b/));
    const results = await Promise.all(lines.map(async (line) => [line, await misuse(line)]));
    expect(results.filter(([, problem]) => problem !== 'none')).toEqual([]);
  });

  test('names only npm scripts that exist', () => {
    const named = pages.flatMap((page) =>
      [...read(page).matchAll(/\bnpm run ([\w:-]+)/g)].map(([, name]) => name ?? ''),
    );
    const short = pages.flatMap((page) =>
      [...read(page).matchAll(/\bnpm (start|test)\b/g)].map(([, name]) => name ?? ''),
    );
    expect([...named, ...short].filter((name) => !scripts.includes(name))).toEqual([]);
  });

  test('links to nothing that is not there', () => {
    const broken = pages.flatMap((page) =>
      [...read(page).matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)\s]*)?\)/g)]
        .map(([, target = '']) => posix.join(posix.dirname(page), target))
        .filter((target) => !existsSync(`${ROOT}${target}`))
        .map((target) => `${page}: ${target}`),
    );
    expect(broken).toEqual([]);
  });

  test('links to headings that are there', () => {
    const broken = pages.flatMap((page) =>
      [...read(page).matchAll(/\]\(([^)#\s:]*)#([^)\s]+)\)/g)]
        .map(
          ([, target = '', anchor = '']) =>
            [target === '' ? page : posix.join(posix.dirname(page), target), anchor] as const,
        )
        .filter(([target, anchor]) => existsSync(`${ROOT}${target}`) && !anchorsOf(read(target)).includes(anchor))
        .map(([target, anchor]) => `${page}: ${target}#${anchor}`),
    );
    expect(broken).toEqual([]);
  });

  test('names only files that exist', () => {
    const file = /`((?:src|sql|test|docs|events)\/[\w./-]+\.\w+|(?:src|sql|test|docs|events)\/(?:[\w-]+\/)*)`/g;
    const missing = pages.flatMap((page) =>
      [...read(page).matchAll(file)]
        .map(([, path = '']) => path)
        .filter((path) => !existsSync(`${ROOT}${path}`))
        .map((path) => `${page}: ${path}`),
    );
    expect(missing).toEqual([]);
  });

  test('lists every setting, and none that is not read', () => {
    const settings = (text: string) => new Set(text.match(/\bSPARKIFY_[A-Z_]*[A-Z]\b/g));
    const known = settings(read('src/config.ts'));
    const listed = settings(read('docs/OPERATIONS.md'));
    expect([...known].filter((name) => !listed.has(name))).toEqual([]);
    expect([...listed].filter((name) => !known.has(name))).toEqual([]);
  });
});

/** The anchors a page's headings get: lower case, blanks as hyphens, punctuation gone. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .trim()
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-'),
  );
}
