import * as v from 'valibot';

const texts = v.pipe(
  v.union([v.string(), v.array(v.string())]),
  v.transform((value) => (typeof value === 'string' ? [value] : value)),
);
const statement = v.object({
  Effect: v.string(),
  Principal: v.optional(v.union([v.literal('*'), v.record(v.string(), texts)])),
  Action: v.optional(texts, []),
  Condition: v.optional(v.record(v.string(), v.record(v.string(), texts)), {}),
});
const policy = v.pipe(v.string(), v.parseJson(), v.object({ Statement: v.array(statement) }));

type Statement = v.InferOutput<typeof statement>;

/** Who wants to send to a queue: a service, in whose name (an ARN), and from which account. */
export type Sender = { service: string; sourceArn: string; account: string };

/**
 * Whether a queue's policy lets a service send messages: one statement allows it, under conditions on the source only. Conditions
 * of other kinds count as not met.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html
 */
export function allowsSending(policyText: string | undefined, sender: Sender): boolean {
  const parsed = v.safeParse(policy, policyText);
  return parsed.success && parsed.output.Statement.some((one) => one.Effect === 'Allow' && allows(one, sender));
}

function allows({ Principal, Action, Condition }: Statement, sender: Sender): boolean {
  const isNamed = Principal === '*' || Object.values(Principal ?? {}).flat().some((who) => who === '*' || who === sender.service); // prettier-ignore
  const isAction = Action.some((action) => fits(action.toLowerCase(), 'sqs:sendmessage'));
  return isNamed && isAction && Object.values(Condition).every((keys) => isMet(keys, sender));
}

function isMet(keys: Readonly<Record<string, readonly string[]>>, { sourceArn, account }: Sender): boolean {
  return Object.entries(keys).every(([key, values]) => {
    if (key.toLowerCase() === 'aws:sourcearn') return values.some((value) => fits(value, sourceArn));
    if (key.toLowerCase() === 'aws:sourceaccount') return values.includes(account);
    return false;
  });
}

/** Whether a text fits a pattern with IAM's wildcards. */
function fits(pattern: string, text: string): boolean {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.'); // prettier-ignore
  return new RegExp(`^${escaped}$`).test(text);
}
