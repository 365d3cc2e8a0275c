import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inflateRawSync } from 'node:zlib';
import { PROJECT } from '../support/program.ts';
import type { Template } from './template.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const run = promisify(execFile);

/** What `serverless package` made. */
export type Package = {
  template: Template;
  templateFile: string;
  /** Whether it ran without any network, not only without credentials. */
  offline: boolean;
  /** The files of a function's archive. */
  archive(functionName: string): Promise<Map<string, Buffer>>;
  remove(): Promise<void>;
};

/**
 * Packages the service as a newcomer's machine would: no credentials, no AWS settings, an empty home, and, where the system
 * can give one, a network without a way out. Throws with what the framework wrote when it fails.
 */
export async function packageService(...options: string[]): Promise<Package> {
  const directory = await temporaryFolder('package');
  const offline = await run('unshare', ['-rn', 'true']).then(
    () => true,
    () => false,
  );
  const serverless = [
    join(PROJECT, 'node_modules/serverless/bin/serverless.js'),
    'package',
    '--package',
    directory,
    ...options,
  ];
  const [program, ...words] = [...(offline ? ['unshare', '-rn'] : []), process.execPath, ...serverless];
  await run(program ?? '', words, {
    cwd: PROJECT,
    env: { PATH: process.env.PATH, HOME: directory },
  });
  const templateFile = join(directory, 'cloudformation-template-update-stack.json');
  return {
    template: JSON.parse(await readFile(templateFile, 'utf8')) as Template,
    templateFile,
    offline,
    archive: async (functionName) => unzip(await readFile(join(directory, `${functionName}.zip`))),
    remove: () => rm(directory, { recursive: true }),
  };
}

/** Reads an archive by its central directory. https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.3 */
function unzip(archive: Buffer): Map<string, Buffer> {
  const end = archive.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  const files = new Map<string, Buffer>();
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left -= 1) {
    const method = archive.readUInt16LE(at + 10);
    const packedBytes = archive.readUInt32LE(at + 20);
    const nameBytes = archive.readUInt16LE(at + 28);
    const header = archive.readUInt32LE(at + 42);
    const name = archive.toString('utf8', at + 46, at + 46 + nameBytes);
    const start = header + 30 + archive.readUInt16LE(header + 26) + archive.readUInt16LE(header + 28);
    const packed = archive.subarray(start, start + packedBytes);
    files.set(name, method === 0 ? packed : inflateRawSync(packed));
    at += 46 + nameBytes + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  return files;
}
