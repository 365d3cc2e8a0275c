/**
 * Runs inside a child process and does what Lambda's runtime does there: loads the handler once, then calls it for each
 * event it is sent. It is bundled by itself, so that the process runs nothing else but the function.
 */
import '../../quiet-sdk.mjs';
import { pathToFileURL } from 'node:url';

/** To the child: one event to handle, as JSON. */
export type InvocationRequest = { requestId: string; event: string; deadlineMs: number };

/** From the child. An answer is JSON; undefined, which JSON does not know, becomes null. */
export type InvocationReply =
  | { kind: 'ready' }
  | { kind: 'answer'; requestId: string; json: string }
  | { kind: 'error'; requestId: string | undefined; name: string; message: string; stack: string | undefined };

type Handler = (event: unknown, context: Record<string, unknown>) => unknown;

function reply(message: InvocationReply): void {
  process.send?.(message);
}

function replyError(requestId: string | undefined, thrown: unknown): void {
  const { name, message, stack } = thrown instanceof Error ? thrown : new Error(String(thrown));
  reply({ kind: 'error', requestId, name, message, stack });
}

/** The parts of Lambda's context object that a Node function can rely on. */
function contextOf({ requestId, deadlineMs }: InvocationRequest): Record<string, unknown> {
  const functionName = process.env.AWS_LAMBDA_FUNCTION_NAME ?? '';
  const region = process.env.AWS_REGION ?? '';
  return {
    awsRequestId: requestId,
    callbackWaitsForEmptyEventLoop: true,
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:${region}:000000000000:function:${functionName}`,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: String(process.pid),
    getRemainingTimeInMillis: () => Math.max(0, deadlineMs - Date.now()),
  };
}

async function main(): Promise<void> {
  // The parent is gone, however it went: nobody would take an answer.
  process.on('disconnect', () => process.exit(0));
  const file = process.argv[2] ?? '';
  const name = process.argv[3] ?? 'handler';
  const module = (await import(pathToFileURL(file).href)) as Record<string, Handler | undefined>;
  const handler = module[name];
  if (handler === undefined) throw new Error(`${file} exports no "${name}".`);
  process.on('message', (request: InvocationRequest) => {
    const { requestId } = request;
    Promise.resolve()
      .then(() => handler(JSON.parse(request.event), contextOf(request)))
      .then(
        (answer) => {
          reply({ kind: 'answer', requestId, json: JSON.stringify(answer ?? null) });
        },
        (error: unknown) => {
          replyError(requestId, error);
        },
      );
  });
  reply({ kind: 'ready' });
}

main().catch((error: unknown) => {
  replyError(undefined, error);
  process.exitCode = 1;
  process.disconnect();
});
