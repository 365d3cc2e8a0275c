import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { S3Client } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand, ReceiveMessageCommand, SQSClient, type Message } from '@aws-sdk/client-sqs';
import type { QueueAddress } from '../../src/local/sqs/queues.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const program = fileURLToPath(new URL('fixtures/endpoint-process.ts', import.meta.url));
const settings = {
  region: 'eu-west-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  maxAttempts: 1,
};

/** Local S3 and SQS in a process that is killed with -9 and started again on the same home. */
export class KilledEndpoint {
  home = '';
  s3!: S3Client;
  sqs!: SQSClient;
  queue!: QueueAddress;
  dead!: QueueAddress;
  #child!: ChildProcess;

  /** `data` is a folder to mount. */
  async start(...data: string[]): Promise<void> {
    if (this.home === '') this.home = await temporaryFolder('restart');
    const argv = ['--import', 'tsx', program, this.home, ...data];
    this.#child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(createInterface(this.#child.stdout!), 'line')) as [string];
    const said = JSON.parse(line) as { url: string; queue: QueueAddress; dead: QueueAddress };
    this.queue = said.queue;
    this.dead = said.dead;
    this.s3 = new S3Client({ ...settings, endpoint: said.url });
    this.sqs = new SQSClient({ ...settings, endpoint: said.url });
  }

  async kill(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
    this.s3.destroy();
    this.sqs.destroy();
  }

  async restart(): Promise<void> {
    await this.kill();
    await this.start();
  }

  async remove(): Promise<void> {
    await this.kill();
    await rm(this.home, { recursive: true });
    this.home = '';
  }

  async receive({ url }: QueueAddress): Promise<Message[]> {
    const { Messages = [] } = await this.sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: url,
        MaxNumberOfMessages: 10,
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      }),
    );
    return Messages;
  }

  /** How many messages can be received, and how many somebody holds. */
  async depth({ url }: QueueAddress): Promise<number> {
    const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
    const command = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: [...names] });
    const { Attributes } = await this.sqs.send(command);
    return names.reduce((sum, name) => sum + Number(Attributes![name]), 0);
  }
}
