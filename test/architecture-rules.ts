import type { Exception, Rule } from './architecture.ts';
import { LOCAL_RULES } from './architecture-local-rules.ts';
import {
  LEAVES,
  objects,
  sql,
  ledger,
  work,
  rebuilding,
  wiring,
  clients,
  ui,
  doctor,
  commands,
} from './architecture-rooms.ts';

/** Where programs begin: they read the environment, wire things together, and exit. */
export const ENTRY_POINTS = [
  'src/handler.ts',
  'src/reconcile-handler.ts',
  'src/resume-handler.ts',
  'src/cli.ts',
  'src/local/stack.ts',
];
/** The direction of imports, types among them, with its reasons. Of several rules for a file the first is meant. */
export const RULES: readonly Rule[] = [
  {
    from: ['src/errors.ts'],
    mayImport: [],
    because: 'errors are spoken of everywhere, so they rest on nothing',
  },
  {
    from: ['src/numbers.ts'],
    mayImport: [],
    because: 'numbers are shown everywhere, so what shows them rests on nothing',
  },
  {
    from: ['src/pool.ts'],
    mayImport: [],
    because: 'whoever does many things at once does it alike, so what limits them rests on nothing',
  },
  {
    from: ['src/objects/'],
    mayImport: [...objects, 'node:crypto', 'valibot'],
    because: 'what arrived is described before anything is done with it',
  },
  {
    from: ['src/sql/files.ts'],
    mayImport: ['src/objects/source.ts', 'node:fs'],
    because: 'one loader reads SQL, from source, bundle and Lambda alike',
  },
  {
    from: ['src/sql/'],
    mayImport: sql,
    because: 'a statement is data before it is action',
  },
  {
    from: ['src/ports.ts'],
    mayImport: [...sql, 'src/config.ts'],
    because: 'the edges are described in the words of the product, not in those of a client library',
  },
  {
    from: ['src/config.ts'],
    mayImport: [...sql, 'valibot'],
    because: 'the configuration is a function of the environment it is handed',
  },
  {
    from: ['src/ledger/'],
    mayImport: ledger,
    because: 'loading and catching up both ask the ledger, and it knows neither',
  },
  {
    from: ['src/queue/'],
    mayImport: ['src/errors.ts', 'src/ports.ts', 'src/numbers.ts', 'src/pool.ts', 'src/queue/'],
    because: 'messages are returned and sent, whatever is in them',
  },
  {
    from: ['src/load/'],
    mayImport: [...ledger, 'src/queue/', 'src/waiting/', 'src/load/', 'valibot'],
    because: 'what loads a delivery sees the edges by ports.ts, and nothing of the commands',
  },
  {
    from: ['src/catch-up/'],
    mayImport: [...ledger, 'src/queue/', 'src/catch-up/', 'src/load/read-fields.ts', 'node:zlib'],
    because: 'what catches up sends messages and looks at files; the loader alone writes to the star',
  },
  {
    from: ['src/rebuild/'],
    mayImport: [...rebuilding, 'node:crypto'],
    because: 'a rebuild puts together what loading, catching up and the schema offer, and none of them knows it',
  },
  {
    from: ['src/trace/'],
    mayImport: ['src/trace/', 'node:crypto'],
    because: 'who won is told from rows and loads alone, whoever read them',
  },
  {
    from: ['src/cost/'],
    mayImport: [...ledger, 'src/catch-up/prices.ts', 'src/cost/'],
    because: 'what loading costs is reckoned from the ledger and the price list',
  },
  {
    from: ['src/schema/'],
    mayImport: [...ledger, 'src/schema/'],
    because: 'the schema is made by statements, whoever asks for it',
  },
  {
    from: ['src/handler.ts', 'src/reconcile-handler.ts'],
    mayImport: [...wiring, ...clients, '@aws-sdk/client-eventbridge', 'aws-lambda', 'node:crypto'],
    because: 'a Lambda function wires what it runs, and carries neither commands nor the local stack',
  },
  {
    from: ['src/resume-handler.ts'],
    mayImport: [
      ...wiring,
      'src/waiting/',
      'src/doctor/aws/warehouses.ts',
      'src/doctor/warehouse-answer.ts',
      '@aws-sdk/client-lambda',
      '@aws-sdk/client-s3',
      'aws-lambda',
    ],
    because: 'it alone of the functions looks at the control plane, with clients that are too big for the others',
  },
  {
    from: ['src/waiting/'],
    mayImport: [...LEAVES, 'src/waiting/', 'valibot'],
    because: 'loads, commands and the resume function all know what waiting is, and it knows none of them',
  },
  {
    from: ['src/cli.ts'],
    mayImport: [...wiring, ...clients, '@aws-sdk/client-cloudformation', 'src/commands/', ...doctor, 'package.json'],
    because: 'the command line wires the commands and nothing local: production code never knows where it runs',
  },
  {
    from: ['src/doctor/aws/'],
    mayImport: ['src/errors.ts', 'src/aws/translate.ts', 'src/doctor/', '@aws-sdk/', 'valibot'],
    because:
      'one room looks at AWS beside the data, with clients that nothing else imports, so only doctor pays for them',
  },
  {
    from: ['src/doctor/'],
    mayImport: [...work, 'src/waiting/', 'src/doctor/', 'valibot'],
    because: 'what is wrong is judged by facts; how they were found is not known here',
  },
  {
    from: ['src/aws/'],
    mayImport: [...sql, ...LEAVES, 'src/aws/', '@aws-sdk/', '@aws-lambda-powertools/', 'valibot', 'node:zlib'],
    because: 'an edge implements what ports.ts describes, and does not decide',
  },
  {
    from: ['src/deploy/alarm-names.ts'],
    mayImport: ['node:fs'],
    because: 'the dashboard shows the alarms that the template defines, so that a new alarm is listed in one place',
  },
  {
    from: ['src/deploy/'],
    mayImport: [...sql, 'src/deploy/', 'src/catch-up/prices.ts', 'src/aws/region.ts', 'valibot'],
    because: 'the deployment is checked by the same rules that the commands follow, and by nothing else of theirs',
  },
  {
    from: ['run', 'report', 'tables', 'page-door', 'page-source'].map((part) => `src/commands/local-${part}.ts`),
    mayImport: [...commands, 'src/local/', 'node:events', 'node:fs/promises', 'node:path'],
    because: 'this command, in a few files, is the one door to the local stack',
  },
  {
    from: ['src/commands/terminal.ts'],
    mayImport: [...commands, 'node:events', 'node:os', 'node:readline/promises'],
    because: 'one file speaks with the terminal, and the commands with what it gives them',
  },
  {
    from: ['src/commands/doctor.ts'],
    mayImport: [...commands, 'src/doctor/examine.ts', 'src/doctor/finding.ts', 'src/deploy/alarm-names.ts'],
    because: 'doctor compares what is deployed with what is to be deployed',
  },
  {
    from: ['src/commands/dbt-sources.ts'],
    mayImport: [...commands, 'node:fs/promises'],
    because: 'it writes the one file that it is told to',
  },
  {
    from: ['src/commands/'],
    mayImport: commands,
    because: 'commands see the edges by ports.ts, so each runs in a test and against AWS alike',
  },
  {
    from: ['src/request-origin.ts'],
    mayImport: ['node:http'],
    because: 'every server on this machine asks the same of a request, so what it asks rests on nothing',
  },
  {
    from: ['src/ui/page/'],
    mayImport: ['src/ui/shapes.ts', 'src/ui/page/', 'preact', 'preact/hooks', 'uplot'],
    because: 'the page runs in a browser and knows of this program only the shapes that it is sent',
  },
  {
    from: ['src/ui/assets.ts'],
    mayImport: ['esbuild', 'node:fs/promises', 'node:url'],
    because: 'one file builds the page',
  },
  {
    from: ['src/ui/'],
    mayImport: ui,
    because: 'the page is served from what a source tells, wherever that has it from',
  },
  ...LOCAL_RULES,
];

/** What goes against a rule and is right all the same. */
export const EXCEPTIONS: readonly Exception[] = [
  {
    from: 'src/aws/reconcile-state.ts',
    imports: 'src/catch-up/reconcile.ts',
    because: 'it implements the store that reconcile.ts describes, beside its only user',
  },
  {
    from: 'src/commands/stage.ts',
    imports: 'src/aws/stack.ts',
    because: 'it makes settings of what a deployed stack says, before there are any to connect with',
  },
  {
    from: 'src/commands/command.ts',
    imports: 'src/doctor/facts.ts',
    because: 'it describes what a command may be given, and one is given this',
  },
  {
    from: 'src/local/lambda/runtime.ts',
    imports: '(computed)',
    because: 'a Lambda runtime imports the function that it is told of',
  },
];
