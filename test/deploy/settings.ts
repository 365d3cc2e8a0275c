import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { PROJECT, startProgram, type Ended } from '../support/program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** What is found out before anything is packaged, by the very processes that a person starts. */
export function describeSettings(): void {
  let home: string;
  beforeAll(async () => {
    home = await temporaryFolder('settings');
    await mkdir(join(home, '.aws'));
    await writeFile(join(home, '.aws/config'), '[default]\nregion = eu-north-1\n[profile west]\nregion = us-west-2\n');
    const keys = 'aws_access_key_id = local\naws_secret_access_key = local\n';
    await writeFile(join(home, '.aws/credentials'), `[default]\n${keys}[west]\n${keys}`);
  });
  afterAll(() => rm(home, { recursive: true }));

  const run = (words: string[], env: Record<string, string>): Promise<Ended> =>
    startProgram(process.execPath, words, { cwd: PROJECT, env: { PATH: process.env.PATH, HOME: home, ...env } }).ended;
  const serverless = (words: string[], env: Record<string, string> = {}): Promise<Ended> =>
    run([join(PROJECT, 'node_modules/serverless/bin/serverless.js'), ...words], env);

  /** The region a command asks for a stage, by how it signs its request. */
  const askedRegion = async (words: string[], env: Record<string, string>): Promise<string | undefined> => {
    const signatures: string[] = [];
    const server = createServer((request, response) => {
      signatures.push(request.headers.authorization ?? '');
      response.writeHead(400, { 'content-type': 'text/xml' });
      response.end(
        '<ErrorResponse><Error><Code>ValidationError</Code><Message>Stack does not exist</Message></Error></ErrorResponse>',
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const ran = await run(['src/sparkify.mjs', 'status', '--stage', 'dev', ...words], {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      ...env,
    });
    await new Promise((resolve) => server.close(resolve));
    const [, region] = /Credential=local\/\d+\/([\w-]+)\/cloudformation/.exec(signatures[0] ?? '') ?? [];
    expect(ran).toMatchObject({
      code: 2,
      err: expect.stringContaining(`There is no stack sparkify-dev in ${region}.`) as string,
    });
    return region;
  };

  // The rule has tests of its own, beside src/aws/choose-region.ts; here is seen that both ask it, and with all they know.
  test.each([
    ['--region', ['--region', 'eu-west-1'], { AWS_REGION: 'eu-west-2' }, 'eu-west-1'],
    ['a named profile', [], { AWS_PROFILE: 'west' }, 'us-west-2'],
  ] as const)(
    '%s says to both where: the deployment and the commands',
    async (_, words, env, region) => {
      const { out } = await serverless(['print', '--path', 'provider.region', '--format', 'text', ...words], env);
      expect([out.trim(), await askedRegion([...words], env)]).toEqual([region, region]);
    },
    60_000,
  );

  test('a stage that could not live is refused before it is packaged, with everything that is wrong and no stack trace', async () => {
    const words = [
      'package',
      '--stage',
      'Prod',
      '--param',
      'windowSeconds=500',
      '--param',
      'alarmMail=x',
      '--package',
      home,
    ];
    const { code, out, err } = await serverless(words);
    const said = out + err;
    expect(code).not.toBe(0);
    for (const part of [
      'stage must be a lower-case name',
      'windowSeconds must be',
      'alarmMail is no parameter',
      'docs/DEPLOY.md',
    ]) {
      expect(said).toContain(part);
    }
    expect(said).not.toMatch(/^\s+at /m);
    expect(said).not.toContain('Packaging sparkify');
  }, 60_000);
}
