import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { readStack } from '../../src/aws/stack.ts';
import { stackNameOf, stageEnvironment } from '../../src/commands/stage.ts';
import { readSources } from '../../src/sql/files.ts';
import { readConfig } from '../../src/config.ts';
import { PROJECT } from '../support/program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const run = promisify(execFile);
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };

/** Whether CloudFormation can make of it what it says, as far as a simulation goes. */
export function describeDeployment(): void {
  let moto: ChildProcess | undefined;
  let endpoint = '';
  let home = '';

  beforeAll(async () => {
    home = await temporaryFolder('deploy');
    const port = await freePort();
    endpoint = `http://127.0.0.1:${port}`;
    moto = await startMoto(port, endpoint);
    if (!moto) process.stderr.write('moto_server is not installed, so the stack was not deployed to it.\n');
  }, 60_000);

  afterAll(async () => {
    if (moto) {
      const gone = once(moto, 'exit');
      moto.kill();
      await gone;
    }
    await rm(home, { recursive: true });
  });

  test('creates the stack, from whose outputs the commands know all they need', async () => {
    if (!moto) {
      expect(endpoint).toMatch(/^http/);
      return;
    }
    // Moto has no Redshift Serverless; the stack is deployed beside a cluster that is there already.
    const words = ['deploy', '--stage', 'trial', '--param', 'existingCluster=analytics'];
    await run(process.execPath, [join(PROJECT, 'node_modules/serverless/bin/serverless.js'), ...words], {
      cwd: PROJECT,
      env: {
        PATH: process.env.PATH,
        HOME: home,
        AWS_ENDPOINT_URL: endpoint,
        // Milliseconds between looks at the stack, which otherwise is looked at every five seconds.
        SLS_AWS_MONITORING_FREQUENCY: '200',
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      },
    });
    const client = new CloudFormationClient({ region: 'us-east-1', endpoint, credentials });
    const config = readConfig(stageEnvironment(await readStack(client, stackNameOf('trial'))), readSources());
    expect(config).toMatchObject({
      landing: {
        buckets: ['sparkify-trial-landing-123456789012-us-east-1'],
        sources: [{ prefix: 'song_data/' }, { prefix: 'log_data/' }],
      },
      control: { bucket: 'sparkify-trial-control-123456789012-us-east-1', prefix: 'loads/' },
      warehouse: { database: 'sparkify', cluster: 'analytics' },
      names: {
        schema: 'sparkify',
        copyRole: 'arn:aws:iam::123456789012:role/sparkify-trial-us-east-1-copy',
        region: 'us-east-1',
      },
    });
    expect(config.queueUrl).toMatch(/\/sparkify-trial-load$/);
    expect(config.replayQueueUrl).toMatch(/\/sparkify-trial-replay$/);
    expect(config.dlqUrl).toMatch(/\/sparkify-trial-load-dlq$/);
    await expect(readStack(client, stackNameOf('nowhere'))).rejects.toMatchObject({
      code: 'usage',
      message: 'There is no stack sparkify-nowhere in us-east-1.',
    });
    client.destroy();
  }, 180_000);
}

/** Starts moto and waits until it answers; undefined where it is not installed. */
async function startMoto(port: number, url: string): Promise<ChildProcess | undefined> {
  const server = spawn('moto_server', ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
  const gone = new Promise<'gone'>((resolve) => {
    server.once('error', () => {
      resolve('gone');
    });
    server.once('exit', () => {
      resolve('gone');
    });
  });
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const state = await Promise.race([
      gone,
      fetch(`${url}/moto-api/`, { headers: { connection: 'close' } }).then(answered, notYet),
    ]);
    if (state === 'gone') return undefined;
    if (state === 'up') return server;
    await pause(200);
  }
  server.kill();
  throw new Error('moto_server did not answer within 40 seconds.');
}

async function answered(response: Response): Promise<'up'> {
  await response.body?.cancel();
  return 'up';
}

const notYet = (): 'not yet' => 'not yet';

/** A port that was free just now: moto cannot be asked which one it took. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
