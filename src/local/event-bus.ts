import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import * as v from 'valibot';
import type { Fault, FaultSource } from './faults/plan.ts';
import { ok, Refused, startSignedService, type Reply, type SignedService } from './signed-service.ts';

/** The one event bus there is, and the file that each event is appended to, a JSON line as EventBridge gives it to a target. */
export type EventBusOptions = {
  name: string;
  file: string;
  region: string;
  faults: FaultSource;
  /** The action of the fault "kill". */
  killCaller: () => void;
};

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
const MAX_ENTRIES = 10;
/** https://docs.aws.amazon.com/eventbridge/latest/userguide/calculate-putevents-entry-size.html */
const MAX_BYTES = 256 * 1024;
const TIME_BYTES = 14;

const entry = v.strictObject({
  EventBusName: v.string(),
  Source: v.optional(v.string(), ''),
  DetailType: v.optional(v.string(), ''),
  Detail: v.optional(v.string(), ''),
  Time: v.optional(v.number()),
});
type Entry = v.InferOutput<typeof entry>;
const request = v.strictObject({ Entries: v.array(entry) });

/** Starts EventBridge's PutEvents and DescribeEventBus, for AWS_ENDPOINT_URL_EVENTBRIDGE. An event is in the file before it is answered. */
export function startEventBus(options: EventBusOptions): Promise<SignedService> {
  return startSignedService({
    ...options,
    service: 'event-bus',
    callOf: ({ headers }, body) => {
      const operation = String(headers['x-amz-target'] ?? '').replace(/^AWSEvents\./, '');
      if (operation === 'PutEvents') return { operation, answer: (fault) => putEvents(body, options, fault) };
      if (operation === 'DescribeEventBus') return { operation, answer: () => describe(body, options) };
      throw new Refused(501, 'NotImplemented', `The local event bus does not support ${operation}.`);
    },
  });
}

function describe(body: string, { name, region }: EventBusOptions): Reply {
  if (v.safeParse(v.object({ Name: v.literal(name) }), JSON.parse(body)).success)
    return ok({ Name: name, Arn: `arn:aws:events:${region}:000000000000:event-bus/${name}` });
  throw new Refused(400, 'ResourceNotFoundException', 'That event bus does not exist.');
}

function putEvents(body: string, options: EventBusOptions, fault: Fault | undefined): Reply {
  const parsed = v.safeParse(request, JSON.parse(body));
  if (!parsed.success) throw new Refused(400, 'ValidationException', parsed.issues[0].message);
  const { Entries: entries } = parsed.output;
  if (entries.length === 0 || entries.length > MAX_ENTRIES)
    throw new Refused(400, 'ValidationException', `Entries must have 1 to ${MAX_ENTRIES} members.`);
  if (entries.reduce((sum, one) => sum + sizeOf(one), 0) >= MAX_BYTES)
    throw new Refused(400, 'ValidationException', 'Total size of the entries in the request is over the limit.');
  for (const { EventBusName: name } of entries) {
    // Stricter than AWS, which takes such an event and drops it: https://github.com/aws/aws-cli/issues/9186
    if (name !== options.name) throw new Refused(400, 'ResourceNotFoundException', `Event bus ${name} does not exist.`);
  }
  const answers = entries.map((one, index) =>
    fault?.do === 'refuse entry' && index === 0
      ? { ErrorCode: 'InternalFailure', ErrorMessage: 'The local event bus refuses it by plan.' }
      : take(one, options),
  );
  return ok({ FailedEntryCount: answers.filter((answer) => 'ErrorCode' in answer).length, Entries: answers });
}

function sizeOf({ Source, DetailType, Detail, Time }: Entry): number {
  return Buffer.byteLength(Source + DetailType + Detail) + (Time === undefined ? 0 : TIME_BYTES);
}

function take(one: Entry, { file, region }: EventBusOptions) {
  const problem = problemOf(one);
  if (problem !== undefined) return problem;
  const id = randomUUID();
  const event = {
    version: '0',
    id,
    'detail-type': one.DetailType,
    source: one.Source,
    account: '000000000000',
    time: new Date((one.Time ?? Date.now() / 1000) * 1000).toISOString().replace(/\.\d+Z$/, 'Z'),
    region,
    resources: [],
    detail: JSON.parse(one.Detail) as unknown,
  };
  appendFileSync(file, `${JSON.stringify(event)}\n`);
  return { EventId: id };
}

/** Why an entry is not taken, as AWS words it. */
function problemOf(one: Entry): { ErrorCode: string; ErrorMessage: string } | undefined {
  for (const name of ['Source', 'DetailType', 'Detail'] as const) {
    const message = `Parameter ${name} is not valid. Reason: ${name} is a required argument.`;
    if (one[name] === '') return { ErrorCode: 'InvalidArgument', ErrorMessage: message };
  }
  if (one.Source.startsWith('aws.'))
    return { ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage: 'Not authorized for the source.' };
  const detail = v.safeParse(v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.unknown())), one.Detail);
  return detail.success ? undefined : { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
}
