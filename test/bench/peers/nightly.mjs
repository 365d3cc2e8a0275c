// `nightly.mjs DATA_FOLDER WORK_FOLDER` runs nightly.sql, as a scheduler would every night.
import { readFileSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';

const [data, work] = process.argv.slice(2);
const sql = readFileSync(new URL('nightly.sql', import.meta.url), 'utf8').replaceAll('FOLDER', data);
const instance = await DuckDBInstance.create(`${work}/peer.duckdb`);
const connection = await instance.connect();
await connection.run('BEGIN');
await connection.run(sql);
await connection.run('COMMIT');
connection.closeSync();
instance.closeSync();
