import type { ColumnType } from '../../../../src/local/redshift/types.ts';
import { bigint, CopyBench, integer, timestamp, varchar } from './copy-fixture.ts';

const char = (lengthBytes: number): ColumnType => ({ name: 'character', lengthBytes });
const decimal = (precision: number, scale: number): ColumnType => ({ name: 'numeric', precision, scale });
const smallint: ColumnType = { name: 'smallint' };
const double: ColumnType = { name: 'double precision' };
const real: ColumnType = { name: 'real' };
const boolean: ColumnType = { name: 'boolean' };
const date: ColumnType = { name: 'date' };
const timestamptz: ColumnType = { name: 'timestamp with time zone' };
const superType: ColumnType = { name: 'super' };
const epoch = "TIMEFORMAT 'epochmillisecs'";

/** JSON value, column type, options: the value as the engine prints it, NULL, or Redshift's error code. */
const cases: [json: string, type: ColumnType, options: string, expected: string | number | null][] = [
  ['12', integer, '', '12'],
  ['-12', smallint, '', '-12'],
  ['9223372036854775807', bigint, '', '9223372036854775807'],
  ['"12"', integer, '', '12'],
  ['"+12"', integer, '', '12'],
  ['"007"', integer, '', '7'],
  ['""', integer, '', null],
  ['"   "', integer, '', null],
  ['null', integer, '', null],
  ['1.5', integer, '', 1207],
  ['123.0', bigint, '', 1207],
  ['1e3', integer, '', 1207],
  ['"1e3"', integer, '', 1207],
  ['"0x10"', integer, '', 1207],
  ['"1_000"', integer, '', 1207],
  ['"abc"', integer, '', 1207],
  ['true', integer, '', 1207],
  ['[1]', integer, '', 1207],
  ['32768', smallint, '', 1222],
  ['2147483648', integer, '', 1222],
  ['9223372036854775808', bigint, '', 1222],
  ['99999999999999999999999999', bigint, '', 1222],

  ['1.25', double, '', '1.25'],
  ['1e3', double, '', '1000.0'],
  ['"-.5"', double, '', '-0.5'],
  ['""', double, '', null],
  ['"abc"', double, '', 1208],
  ['"NaN"', double, '', 1208],
  ['"1_0.5"', double, '', 1208],
  ['1e999', double, '', 1204],
  ['1e39', real, '', 1204],

  ['1.999', decimal(5, 2), '', '1.99'],
  ['-1.999', decimal(5, 2), '', '-1.99'],
  ['12', decimal(5, 2), '', '12.00'],
  ['12.9', decimal(5, 0), '', '12'],
  ['1.5e1', decimal(5, 2), '', '15.00'],
  ['"0.1"', decimal(38, 37), '', '0.1000000000000000000000000000000000000'],
  ['""', decimal(5, 2), '', null],
  ['1000', decimal(5, 2), '', 1204],
  ['"x"', decimal(5, 2), '', 1209],
  ['0.00009999', decimal(10, 4), '', '0.0000'],

  ['true', boolean, '', 'true'],
  ['false', boolean, '', 'false'],
  ['"Yes"', boolean, '', 'true'],
  ['0', boolean, '', 'false'],
  ['""', boolean, '', null],
  ['2', boolean, '', 1210],
  ['"maybe"', boolean, '', 1210],

  ['"abc"', varchar(3), '', 'abc'],
  ['""', varchar(3), '', ''],
  ['""', varchar(3), 'EMPTYASNULL', null],
  ['"  "', varchar(3), '', '  '],
  ['"  "', varchar(3), 'BLANKSASNULL', null],
  ['""', varchar(3), 'BLANKSASNULL', ''],
  ['" a"', varchar(3), 'BLANKSASNULL EMPTYASNULL', ' a'],
  ['"abcd"', varchar(3), '', 1204],
  ['"éé"', varchar(3), '', 1204],
  ['"éé"', varchar(4), '', 'éé'],
  ['"abcd"', varchar(3), 'TRUNCATECOLUMNS', 'abc'],
  ['"éé"', varchar(3), 'TRUNCATECOLUMNS', 'é'],
  ['"a😀"', varchar(4), 'TRUNCATECOLUMNS', 'a'],
  ['"a😀"', varchar(5), 'TRUNCATECOLUMNS', 'a😀'],
  ['"日本"', varchar(5), 'TRUNCATECOLUMNS', '日'],
  ['12', varchar(9), '', '12'],
  ['200.0', varchar(9), '', '200.0'],
  ['true', varchar(9), '', 'true'],
  ['"null"', varchar(9), '', 'null'],
  ['"a\\nb\\"\\\\"', varchar(9), '', 'a\nb"\\'],
  ['"\\u00e9\\ud83d\\ude00"', varchar(9), '', 'é😀'],
  ['"Infinity"', varchar(9), '', 'Infinity'],
  ['{"b": [1, "x"]}', varchar(20), '', '{"b":[1,"x"]}'],
  ['[]', varchar(20), '', '[]'],
  ['"abc"', char(3), '', 'abc'],
  ['"abcd"', char(3), '', 1204],
  ['"é"', char(3), '', 1220],

  ['1541106106796', timestamp, epoch, '2018-11-01 21:01:46.796'],
  ['"1541106106796"', timestamp, epoch, '2018-11-01 21:01:46.796'],
  ['-1', timestamp, epoch, '1969-12-31 23:59:59.999'],
  ['1541106106', timestamp, "TIMEFORMAT AS 'epochsecs'", '2018-11-01 21:01:46'],
  ['1541106106796.0', timestamp, epoch, 1206],
  ['1541106106796000', timestamp, epoch, '50805-09-16 05:39:56'],
  ['9223371244799999', timestamp, epoch, '294246-12-31 23:59:59.999'],
  ['9223371244800000', timestamp, epoch, 1206],
  ['-210866803200001', timestamp, epoch, 1206],
  ['9223371244800', timestamp, "TIMEFORMAT AS 'epochsecs'", 1206],
  ['"2018-11-01 21:01:46"', timestamp, epoch, 1206],
  ['99999999999999999999', timestamp, epoch, 1206],
  ['""', timestamp, epoch, null],
  ['"2018-11-01 21:01:46"', timestamp, '', '2018-11-01 21:01:46'],
  ['"2018-11-01 21:01:46.5+02"', timestamp, '', '2018-11-01 21:01:46.5'],
  ['"2018-11-01T21:01:46Z"', timestamp, '', 1206],
  ['"2018-02-30 00:00:00"', timestamp, '', 1206],
  ['1541106106796', timestamp, '', 1206],
  ['"2018-11-01T21:01:46.796Z"', timestamp, "TIMEFORMAT 'auto'", '2018-11-01 21:01:46.796'],
  ['1541106106796', timestamp, "TIMEFORMAT 'auto'", 1206],
  ['"01.11.2018 21:01"', timestamp, "TIMEFORMAT 'DD.MM.YYYY HH24:MI'", '2018-11-01 21:01:00'],
  ['"2018-11-01"', timestamp, "TIMEFORMAT 'DD.MM.YYYY HH24:MI'", 1206],
  ['"2018-11-01 21:01:46+02"', timestamptz, '', '2018-11-01 19:01:46+00'],
  ['"2018-11-01 21:01:46"', timestamptz, '', '2018-11-01 21:01:46+00'],
  ['1541106106796', timestamptz, epoch, '2018-11-01 21:01:46.796+00'],
  ['"2018-11-01"', timestamptz, "TIMEFORMAT 'auto'", '2018-11-01 00:00:00+00'],

  ['"2018-11-01"', date, '', '2018-11-01'],
  ['"20181101"', date, '', 1205],
  ['"2018-02-30"', date, '', 1205],
  ['""', date, '', null],
  ['"20181101"', date, "DATEFORMAT 'auto'", '2018-11-01'],
  ['"2018-11-01T00:00:00"', date, "DATEFORMAT AS 'auto'", '2018-11-01'],
  ['"01/11/2018"', date, "DATEFORMAT 'DD/MM/YYYY'", '2018-11-01'],

  ['0.00001', varchar(20), '', '0.00001'],
  ['10000000000000000.0', varchar(20), '', '10000000000000000.0'],
  ['"1e-05"', varchar(20), '', '1e-05'],

  ['{"b": 1}', superType, '', '{"b":1}'],
  ['"1"', superType, '', '"1"'],
  ['1', superType, '', '1'],
];

// The same value must come out of the strict reading and of the exact one, which a bad neighbour brings about.
describe.each([
  ['read strictly', false],
  ['read exactly', true],
])('a JSON value %s', (_name, hasBadNeighbour) => {
  let bench: CopyBench;
  beforeAll(async () => {
    bench = await CopyBench.start();
  });
  afterAll(() => {
    bench.stop();
  });

  test.each(cases.map((given, number) => [...given, number] as const))(
    '%s into %j %s becomes %j',
    async (json, type, options, expected, number) => {
      const name = `t${number}`;
      await bench.table(name, { a: type });
      const neighbour = hasBadNeighbour ? '}\n' : '';
      const url = bench.objects.put(`${name}.json`, `${neighbour}{"a":${json},"other":1}\n`);
      const copy = bench.copy(
        `COPY ${name} FROM '${url}' IAM_ROLE default JSON 'auto' ${options} MAXERROR ${hasBadNeighbour ? 3 : 1}`,
      );
      if (typeof expected === 'number' && !hasBadNeighbour) await expect(copy).rejects.toThrow('Load into table');
      else await copy;
      const codes = (await bench.errors()).filter(({ code }) => code !== 1216).map(({ code }) => code);
      const values = await bench.rows(`SELECT CAST(a AS VARCHAR) FROM public.${name}`);
      expect({ codes, values }).toEqual(
        typeof expected === 'number' ? { codes: [expected], values: [] } : { codes: [], values: [[expected]] },
      );
    },
  );

  test('that is missing or null fails a NOT NULL column and is NULL elsewhere, not the default', async () => {
    const name = hasBadNeighbour ? 'missing_exactly' : 'missing_strictly';
    await bench.table(name, {
      a: { type: integer, notNull: true },
      b: { type: integer, notNull: false, defaultExpression: '5' },
      c: { type: integer, notNull: false, defaultExpression: '6' },
    });
    const good = bench.objects.put('good.json', `${hasBadNeighbour ? '}' : ''}{"a":1}`);
    expect(await bench.copy(`COPY ${name} (a, b) FROM '${good}' IAM_ROLE default JSON 'auto' MAXERROR 2`)).toBe(1);
    expect(await bench.rows(`SELECT * FROM public.${name}`)).toEqual([[1, null, 6]]);
    const bad = bench.objects.put('bad.json', '{"a":1}\n{"a":null}\n{"b":1}\n{"a":""}');
    await expect(bench.copy(`COPY ${name} FROM '${bad}' IAM_ROLE default JSON 'auto' MAXERROR 3`)).rejects.toThrow();
    expect(await bench.errors()).toEqual(
      [2, 3, 4].map((line) => ({ file: 's3://bucket/bad.json', line, column: 'a', code: 1213 })),
    );
  });
});
