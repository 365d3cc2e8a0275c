import { grantStatements, hardenedGrantStatements, type Rights } from '../../src/schema/migrations.ts';
import { readLoadFiles, readSqlFiles } from '../../src/sql/files.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ eventSource: false });
});
afterAll(async () => {
  await stack.stop();
});

describe('create-tables', () => {
  test('has nothing to do a second time, even when two people do it at once', async () => {
    const ran = await Promise.all([stack.run(['create-tables']), stack.run(['create-tables'])]);
    for (const { out, code } of ran) {
      expect(out).toContain('Schema sparkify is at version 3; nothing to do.');
      expect(code).toBe(0);
    }
  });

  test('removes nothing without being told twice', async () => {
    const { err, code } = await stack.run(['create-tables', '--drop']);
    expect(err).toContain('Nothing was dropped.');
    expect(code).toBe(1);
  });

  test('removes and makes the tables when told so', async () => {
    const upgrade = await stack.json(['create-tables', '--drop', '--yes']);
    expect(upgrade).toEqual({
      schema: 'sparkify',
      from: 0,
      to: 3,
      applied: ['001-star', '002-ledger', '003-fields'],
      repaired: [],
    });
  });

  test('makes anew what somebody dropped, as it was, and says what was in it', async () => {
    const columns = async (table: string) => {
      if (table === 'songs') await stack.run(['query', 'INSERT INTO sparkify.songs (song_id) VALUES (1)']);
      const [row] = (await stack.json(['query', `SELECT * FROM sparkify.${table}`])) as unknown as object[];
      return Object.keys(row!);
    };
    const before = await Promise.all(['songs', 'load_lock'].map(columns));
    for (const what of ['VIEW sparkify.freshness', 'TABLE sparkify.songs', 'TABLE sparkify.load_lock']) {
      expect((await stack.run(['query', `DROP ${what}`])).code).toBe(0);
    }
    const { out, code } = await stack.run(['create-tables']);
    expect(out).toContain('Recreated empty, because they were missing: songs, freshness.');
    expect(code).toBe(0);
    expect(await Promise.all(['songs', 'load_lock'].map(columns))).toEqual(before);
    expect(await stack.json(['query', 'SELECT batch_no FROM sparkify.load_lock'])).toEqual([{ batch_no: 0 }]);
    expect(await stack.json(['query', 'SELECT COUNT(*) AS n FROM sparkify.freshness'])).toEqual([{ n: 0 }]);
    expect((await stack.run(['create-tables'])).out).toContain('nothing to do');
  });

  test('after that, one dropped table is what a command says to make anew', async () => {
    await stack.run(['query', 'DROP TABLE sparkify.rejected_rows']);
    const { err } = await stack.run(['status']);
    expect(err).toContain('npx sparkify create-tables');
    await stack.run(['create-tables']);
    expect((await stack.run(['status'])).err).toBe('');
  });

  test("gives a user the loader's rights", async () => {
    const { out, code } = await stack.run(['create-tables', '--grant-to', 'IAMR:sparkify-loader', '--grant-to', 'ann']);
    expect(out).toContain("Granted the loader's rights to: IAMR:sparkify-loader, ann.");
    expect(code).toBe(0);
  });

  test('lets others read: the ledger, or the star', async () => {
    const { out, code } = await stack.run([
      'create-tables',
      '--grant-reconcile-to',
      'IAMR:sparkify-reconcile',
      '--grant-read-to',
      'ann',
    ]);
    expect(out).toContain('Granted read access to the ledger to: IAMR:sparkify-reconcile.');
    expect(out).toContain('Granted read access to the star to: ann.');
    expect(code).toBe(0);
    expect(
      await stack.json(['create-tables', '--grant-read-to', 'ann', '--grant-to', 'bob', '--hardened']),
    ).toMatchObject({
      grantedTo: ['bob'],
      grantedReadTo: ['ann'],
    });
  });

  test('says for whom a hardened warehouse is to be opened', async () => {
    const { err, code } = await stack.run(['create-tables', '--hardened']);
    expect(err).toContain('npx sparkify create-tables --grant-to USER --hardened');
    expect(code).toBe(2);
  });

  const files = { schema: readSqlFiles('schema'), admin: readSqlFiles('admin'), load: readLoadFiles() };

  /** The rights of a user, by table. */
  const rightsOf = (rights: Rights): Map<string, string[]> => {
    const found = new Map<string, string[]>();
    for (const { text } of grantStatements(files, 'sparkify', 'loader', rights)) {
      const [, allowed = '', table] = /^GRANT (.*) ON "sparkify"\."(\w+)" TO "loader"$/.exec(text) ?? [];
      if (table !== undefined) found.set(table, allowed.split(', '));
    }
    return found;
  };
  const STAR = ['artists', 'songplays', 'songs', 'time', 'users'];

  test('the reconcile may do what its statements do, and nothing else', () => {
    const asked = Object.values(readSqlFiles('reconcile')).flatMap((text) =>
      [...text.matchAll(/(INSERT INTO )?:"schema"\."?(\w+)/g)].map(([, adding, table]) => [
        table,
        [adding === undefined ? 'SELECT' : 'INSERT'],
      ]),
    );
    expect(Object.fromEntries(rightsOf('reconcile'))).toEqual(Object.fromEntries(asked));
  });

  test('who may read the star may read all of it, and change nothing', () => {
    const rights = rightsOf('read');
    expect([...rights.keys()].sort()).toEqual(
      [...STAR, 'load_batches', 'freshness', 'objects_not_loaded', 'objects_now'].sort(),
    );
    expect([...rights.values()].flat().filter((right) => right !== 'SELECT')).toEqual([]);
  });

  test('a hardened warehouse gives back what everyone has by default, on this database and with this role', () => {
    const names = { database: 'dev', copyRole: 'arn:aws:iam::123456789012:role/copy' };
    expect(hardenedGrantStatements(files, names, 'IAMR:loader').map(({ text }) => text)).toEqual([
      'GRANT TEMPORARY ON DATABASE "dev" TO "IAMR:loader"',
      `GRANT ASSUMEROLE ON 'arn:aws:iam::123456789012:role/copy' TO "IAMR:loader" FOR COPY`,
    ]);
  });

  test('those rights allow what the load does to each table, and a delete only of artists', () => {
    const rights = rightsOf('load');
    const all = [...rights.values()].flat();
    expect(all.filter((right) => !['SELECT', 'INSERT', 'UPDATE', 'DELETE'].includes(right))).toEqual([]);
    expect([...rights].filter(([, allowed]) => allowed.includes('DELETE')).map(([table]) => table)).toEqual([
      // LOCK may ask for it; no statement of a load deletes the row.
      'load_lock',
      'artists',
    ]);
    const verbs: readonly [RegExp, string][] = [
      [/MERGE INTO :"schema"\."?(\w+)/g, 'UPDATE'],
      [/(?:MERGE|INSERT) INTO :"schema"\."?(\w+)/g, 'INSERT'],
      [/^UPDATE :"schema"\."?(\w+)/gm, 'UPDATE'],
      [/^DELETE FROM :"schema"\."?(\w+)/gm, 'DELETE'],
      [/LOCK :"schema"\."?(\w+)/g, 'UPDATE'],
      [/(?:FROM|JOIN) :"schema"\."?(\w+)/g, 'SELECT'],
    ];
    const asked = ['check-ledger', 'last-loaded', 'batch-report'].map((name) => readSqlFiles('report')[name] ?? '');
    const statements = [...Object.values(files.load), ...asked];
    for (const text of statements) {
      for (const [verb, right] of verbs) {
        for (const [, table = ''] of text.matchAll(verb))
          expect([table, right, rights.get(table)?.includes(right)]).toEqual([table, right, true]);
      }
    }
  });

  test('refuses a schema that a newer release made', async () => {
    await stack.run(['query', 'INSERT INTO sparkify.schema_version (version, applied_at) VALUES (99, GETDATE())']);
    const { err, code } = await stack.run(['create-tables']);
    expect(err).toContain('Schema sparkify is at version 99; this release knows 3.');
    expect(code).toBe(2);
  });

  test.each([[['create-tables', '--grant-to', 'x"; DROP']], [['create-tables', '--force']]])(
    '%j is misuse',
    async (argv) => {
      expect((await stack.run(argv)).code).toBe(2);
    },
  );
});
