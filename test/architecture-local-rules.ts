import type { Rule } from './architecture.ts';
import { clients, objects, wiring } from './architecture-rooms.ts';

const redshift = 'src/local/redshift/';
const redshiftRooms = (...rooms: string[]): string[] => [
  ...rooms.map((room) => `${redshift}${room}/`),
  ...['types', 'fault', 'service-error'].map((leaf) => `${redshift}${leaf}.ts`),
];
const stack = ['src/local/stack.ts', 'src/local/functions.ts', 'src/local/connect.ts'];

/** The direction of imports in the laptop's AWS. */
export const LOCAL_RULES: readonly Rule[] = [
  {
    from: [`${redshift}rights/`],
    mayImport: redshiftRooms('rights'),
    because: 'who may do what is decided from what is granted, and from nothing else',
  },
  {
    from: [`${redshift}sql/`],
    mayImport: [...redshiftRooms('sql', 'rights'), 'node:'],
    because: 'translating a statement needs neither data nor a session',
  },
  {
    from: [`${redshift}copy/`],
    mayImport: [...redshiftRooms('copy', 'sql'), 'src/archives/', '@duckdb/node-api', 'node:'],
    because: 'COPY reads files into a table that it is told of',
  },
  {
    from: [`${redshift}engine/`],
    mayImport: [...redshiftRooms('engine', 'sql', 'rights'), '@duckdb/node-api', 'node:'],
    because: 'the engine is prepared, closed and described, and runs nothing of a client',
  },
  {
    from: [`${redshift}session/`],
    mayImport: [...redshiftRooms('session', 'engine', 'copy', 'sql'), '@duckdb/node-api', 'node:'],
    because: 'a session runs statements and knows nothing of how they came',
  },
  {
    from: [`${redshift}protocol/`],
    mayImport: [...redshiftRooms('protocol', 'session', 'sql'), 'src/request-origin.ts', 'node:'],
    because: 'the Data API speaks of statements and sessions, and does not reach the engine',
  },
  {
    from: ['src/archives/'],
    mayImport: ['src/archives/', 'zstd-codec/', 'node:'],
    because: 'what an archive holds is the same for the local COPY and for who looks for a row, so it rests on nothing',
  },
  {
    from: [redshift],
    mayImport: [redshift, '@duckdb/node-api', 'node:'],
    because: 'the local warehouse knows Redshift and not the loader, or it would share the loader’s mistakes',
  },
  {
    from: stack,
    mayImport: [...wiring, ...clients, 'src/local/', 'node:'],
    because: 'the stack wires the local AWS with the real clients',
  },
  {
    from: ['src/local/'],
    mayImport: [
      ...objects,
      'src/build-cache.mjs',
      'src/bundle-plugins.cjs',
      'src/ports.ts',
      'src/numbers.ts',
      'src/request-origin.ts',
      'src/quiet-sdk.mjs',
      'src/local/',
      ...clients,
      'fauxqs',
      'fast-xml-parser',
      'valibot',
      'node_modules/fauxqs/',
      'esbuild',
      'aws-lambda',
      'node:',
    ],
    because: 'the local AWS stands where AWS stands: outside of the loader',
  },
];

/** The one file of the local Redshift that others may import. */
export const REDSHIFT_DOOR = `${redshift}index.ts`;

/** Statements, expressions and sub-queries nest in each other, and so do the functions that translate them. */
export const GRAMMAR = ['expressions', 'calls', 'case-expression', 'query', 'select', 'from-clause'].map(
  (name) => `src/local/redshift/sql/${name}.ts`,
);
