import { spawn } from 'node:child_process';
import { access, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildBundle, type Bundle } from '../../../src/local/lambda/bundle.ts';
import { LambdaFunction, type LambdaFunctionSettings } from '../../../src/local/lambda/function.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

let home: string;
let bundle: Bundle;
let lambda: LambdaFunction | undefined;

beforeAll(async () => {
  home = await temporaryFolder('lambda');
  bundle = await buildBundle({ home, entry: fileURLToPath(new URL('../fixtures/handler.ts', import.meta.url)) });
});
afterAll(async () => {
  await rm(home, { recursive: true });
});
afterEach(async () => {
  await lambda?.stop();
});

function start(settings: Partial<LambdaFunctionSettings> = {}): LambdaFunction {
  lambda = new LambdaFunction({
    ...bundle,
    functionName: 'loader',
    memoryMegabytes: 256,
    region: 'eu-west-1',
    environment: { CONFIGURED: 'yes' },
    timeoutSeconds: 10,
    warmProcesses: 0,
    ...settings,
  });
  return lambda;
}

/** The delivery that makes the fixture do one thing. */
const told = (body: string) => ({ Records: [{ messageId: '1', body }] });

describe('the bundle', () => {
  test('is laid out as the deployed package, SQL included', async () => {
    await access(join(home, 'bundle/src/handler.mjs'));
    expect((await stat(join(home, 'bundle/sql'))).isDirectory()).toBe(true);
  });
});

describe('a local function', () => {
  test('answers, and is called again in the same process', async () => {
    const loader = start();
    const first = (await loader.invoke(told('who'))) as { pid: number; remaining: number };
    expect(first).toMatchObject({ functionName: 'loader' });
    expect(first.remaining).toBeGreaterThan(5000);
    expect(await loader.invoke(told('who'))).toMatchObject({ pid: first.pid });
  });

  test('sees only the environment it is given', async () => {
    process.env.OF_THE_PARENT = 'secret';
    const environment = (await start().invoke(told('environment'))) as Record<string, string>;
    delete process.env.OF_THE_PARENT;
    expect(environment).toMatchObject({
      CONFIGURED: 'yes',
      AWS_REGION: 'eu-west-1',
      AWS_LAMBDA_FUNCTION_NAME: 'loader',
    });
    expect(environment).not.toHaveProperty('OF_THE_PARENT');
    expect(environment).not.toHaveProperty('HOME');
  });

  test('passes each line it writes on', async () => {
    const lines: string[] = [];
    const written = new Promise<void>((resolve) => {
      start({
        onLine: (line) => {
          lines.push(line);
          resolve();
        },
      });
    });
    await lambda!.invoke(told('who'));
    await written;
    expect(JSON.parse(lines[0]!)).toMatchObject({ command: 'who' });
  });

  test('reports what the handler threw, and lives on', async () => {
    const loader = start();
    await expect(loader.invoke(told('throw'))).rejects.toMatchObject({
      name: 'FunctionThrew',
      errorType: 'TypeError',
      message: 'no such thing',
    });
    expect(await loader.invoke(told('fine'))).toEqual({ batchItemFailures: [] });
  });

  test('is replaced when its process crashes', async () => {
    const loader = start();
    const { pid } = (await loader.invoke(told('who'))) as { pid: number };
    await expect(loader.invoke(told('crash'))).rejects.toMatchObject({
      name: 'FunctionCrashed',
      message: expect.stringContaining('exit status 7') as string,
    });
    expect(((await loader.invoke(told('who'))) as { pid: number }).pid).not.toBe(pid);
  });

  test('is killed when its time is up', async () => {
    const loader = start({ timeoutSeconds: 0.5 });
    await expect(loader.invoke(told('sleep 60000'))).rejects.toMatchObject({
      name: 'FunctionTimedOut',
      message: 'Task timed out after 0.50 seconds',
    });
    expect(await loader.invoke(told('fine'))).toEqual({ batchItemFailures: [] });
  });

  test('that cannot be loaded says why', async () => {
    const handlerFile = join(home, 'broken.mjs');
    await writeFile(handlerFile, 'throw new Error("no configuration");');
    await expect(start({ handlerFile }).invoke(told('who'))).rejects.toThrow('no configuration');
  });

  test('handles two events at once in two processes', async () => {
    const loader = start({ warmProcesses: 2 });
    const answers = await Promise.all([loader.invoke(told('who')), loader.invoke(told('who'))]);
    expect(new Set(answers.map((answer) => (answer as { pid: number }).pid)).size).toBe(2);
  });

  test('can be told to die, to fail before its work and to fail after it', async () => {
    const faults = [
      { do: 'kill' },
      { do: 'error', message: 'before' },
      { do: 'error after', message: 'after' },
    ] as const;
    let next = 0;
    const loader = start({ nextFault: () => faults[next++] });
    await expect(loader.invoke(told('sleep 60000'))).rejects.toMatchObject({ name: 'FunctionCrashed' });
    await expect(loader.invoke(told('fine'))).rejects.toThrow('before');
    await expect(loader.invoke(told('fine'))).rejects.toThrow('after');
    expect(await loader.invoke(told('fine'))).toEqual({ batchItemFailures: [] });
  });

  test('ends when the process that started it is killed', async () => {
    const program = `
      import { fork } from 'node:child_process';
      const child = fork(${JSON.stringify(bundle.runtimeFile)}, [${JSON.stringify(bundle.handlerFile)}], { execArgv: [] });
      child.on('message', () => console.log(child.pid));`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', program]);
    const pid = await new Promise<number>((resolve) => {
      parent.stdout.once('data', (data) => {
        resolve(Number(String(data)));
      });
    });
    parent.kill('SIGKILL');
    await expect(untilGone(pid)).resolves.toBe('gone');
  });
});

/** Waits, at most ten seconds, for a process to be no more. */
async function untilGone(pid: number): Promise<'gone' | 'alive'> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const state = await stat(`/proc/${pid}`).then(
      () => true,
      () => false,
    );
    if (!state || !isAlive(pid)) return 'gone';
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return 'alive';
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
