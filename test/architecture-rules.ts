import { sourceFiles, type Exception, type Rule } from './architecture.ts';

/** Where programs begin: they read the environment, wire things together, and exit. */
export const ENTRY_POINTS = ['src/handler.ts', 'src/reconcile-handler.ts', 'src/cli.ts', 'src/local/stack.ts'];
/** The files of src/ itself that are neither entry points nor one of the leaves below: what runs a plan. */
const LEAVES = ['src/errors.ts', 'src/deps.ts', 'src/config.ts', 'src/sql-files.ts'];
const shell = sourceFiles()
  .map(({ path }) => path)
  .filter((path) => /^src\/[^/]+$/.test(path) && ![...ENTRY_POINTS, ...LEAVES].includes(path));
const pure = ['src/core/', 'src/errors.ts'];
// Wiring, and so the stack's: how clients of a local stack are made, whether it runs in this process or another.
const localWiring = ['src/local/stack.ts', 'src/local/connect.ts'];
const wiring = [...pure, ...LEAVES, ...shell, 'src/aws/'];
const clients = ['@aws-sdk/client-s3', '@aws-sdk/client-sqs', '@aws-sdk/client-redshift-data'];
const local = ['src/commands/local-run.ts', 'src/commands/local-report.ts'];
const commands = [
  ...pure,
  'src/commands/',
  'src/deps.ts',
  'src/config.ts',
  ...shell,
  'commander',
  'cli-progress',
  'node:crypto',
];

/** The direction of imports, with its reasons. Of several rules for a file the first is meant. */
export const RULES: readonly Rule[] = [
  {
    from: ['src/core/'],
    mayImport: [...pure, 'valibot', 'node:crypto'],
    because: 'the core decides and does nothing: no I/O, so that every decision can be tested as a value',
  },
  {
    from: ['src/errors.ts'],
    mayImport: [],
    because: 'errors are spoken of everywhere, so they rest on nothing',
  },
  {
    from: ['src/deps.ts'],
    mayImport: pure,
    because: 'the edges are described in the words of the core, not in those of a client library',
  },
  {
    from: ['src/config.ts'],
    mayImport: [...pure, 'valibot'],
    because: 'the configuration is a function of the environment it is handed',
  },
  {
    from: ['src/sql-files.ts'],
    mayImport: ['node:fs'],
    because: 'one loader reads SQL, from source, bundle and Lambda alike',
  },
  {
    from: ['src/handler.ts', 'src/reconcile-handler.ts'],
    mayImport: [...wiring, ...clients, 'aws-lambda'],
    because: 'a Lambda function wires what it runs, and carries neither commands nor the local stack',
  },
  {
    from: ['src/cli.ts'],
    mayImport: [...wiring, ...clients, '@aws-sdk/client-cloudformation', 'src/commands/', 'package.json'],
    because: 'the command line wires the commands and nothing local: production code never knows where it runs',
  },
  {
    from: ['src/aws/'],
    mayImport: [
      ...pure,
      'src/aws/',
      'src/deps.ts',
      'src/config.ts',
      '@aws-sdk/',
      '@aws-lambda-powertools/',
      'valibot',
      'node:zlib',
    ],
    because: 'an edge implements what deps.ts describes, and does not decide',
  },
  {
    from: local,
    mayImport: [...commands, 'src/local/', 'node:events', 'node:fs/promises', 'node:path'],
    because: 'this command, in two files, is the one door to the local stack',
  },
  {
    from: ['src/deploy/'],
    mayImport: [...pure, 'src/aws/region.ts'],
    because: 'the deployment is checked by the same rules that the commands follow, and by nothing else of theirs',
  },
  {
    from: ['src/commands/terminal.ts'],
    mayImport: [...commands, 'node:events', 'node:os', 'node:readline/promises'],
    because: 'one file speaks with the terminal, and the commands with what it gives them',
  },
  {
    from: ['src/commands/'],
    mayImport: commands,
    because: 'commands see the edges by deps.ts, so each runs in a test and against AWS alike',
  },
  {
    from: ['src/local/redshift/'],
    mayImport: ['src/local/redshift/', '@duckdb/node-api', 'zstd-codec/', 'node:'],
    because: 'the local warehouse knows Redshift and not the loader, or it would share the loader’s mistakes',
  },
  {
    from: localWiring,
    mayImport: [...wiring, ...clients, 'src/local/', 'src/commands/command.ts', 'node:'],
    because: 'the stack wires the local AWS with the real clients',
  },
  {
    from: ['src/local/'],
    mayImport: [
      ...pure,
      'src/local/',
      'src/deps.ts',
      ...clients,
      'fauxqs',
      'valibot',
      'node_modules/fauxqs/',
      'esbuild',
      'aws-lambda',
      'node:',
    ],
    because: 'the local AWS stands where AWS stands: outside of the loader',
  },
  {
    from: shell,
    mayImport: [...pure, ...shell, 'src/deps.ts', 'src/config.ts'],
    because: 'what runs a plan sees the edges by deps.ts only',
  },
];

/** What goes against a rule and is right all the same. */
export const EXCEPTIONS: readonly Exception[] = [
  {
    from: 'src/aws/reconcile-state.ts',
    imports: 'src/reconcile.ts',
    because: 'it implements the store that reconcile.ts describes, beside its only user',
  },
  {
    from: 'src/commands/stage.ts',
    imports: 'src/aws/stack.ts',
    because: 'it makes settings of what a deployed stack says, before there are any to connect with',
  },
  {
    from: 'src/local/lambda-runtime.ts',
    imports: '(computed)',
    because: 'a Lambda runtime imports the function that it is told of',
  },
];

/** Statements, expressions and sub-queries nest in each other, and so do the functions that translate them. */
export const GRAMMAR = ['expressions', 'calls', 'case-expression', 'query', 'select', 'from-clause'].map(
  (name) => `src/local/redshift/${name}.ts`,
);
