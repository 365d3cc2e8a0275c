/** A stand-in that stands between a client and the local warehouse and answers wrongly, as a cluster might. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A request of the Data API, as its JSON has it. */
export type Call = { operation: string; input: Record<string, unknown> };

/** What goes wrong: another request, or another reply; undefined leaves it as it is. */
export type Wrong = {
  request?: (call: Call) => Record<string, unknown> | undefined;
  reply?: (call: Call, reply: string) => string;
};

/** A running stand-in. What is wrong with it may be exchanged. */
export type WrongWarehouse = { endpoint: string; wrong: Wrong; stop: () => Promise<void> };

/** Starts a stand-in before a warehouse. */
export async function startWrongWarehouse(endpoint: string): Promise<WrongWarehouse> {
  const standIn: WrongWarehouse = { endpoint: '', wrong: {}, stop: () => Promise.resolve() };
  const server = createServer((request, response) => {
    void forward(request, endpoint, standIn.wrong).then(({ status, body }) => {
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  standIn.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  standIn.stop = () =>
    new Promise((resolve) => {
      server.close(() => {
        resolve();
      });
      server.closeAllConnections();
    });
  return standIn;
}

async function forward(
  request: IncomingMessage,
  endpoint: string,
  { request: change, reply: falsify }: Wrong,
): Promise<{ status: number; body: string }> {
  const target = String(request.headers['x-amz-target']);
  const input = JSON.parse(await text(request)) as Record<string, unknown>;
  const call = { operation: target.replace('RedshiftData.', ''), input };
  const kept = ['x-amz-target', 'content-type', 'authorization', 'x-amz-date'];
  const headers = Object.fromEntries(kept.map((name) => [name, String(request.headers[name])]));
  const answered = await fetch(endpoint, {
    method: 'POST',
    headers,
    body: JSON.stringify(change?.(call) ?? input),
  });
  const body = await answered.text();
  return { status: answered.status, body: falsify?.(call, body) ?? body };
}
