import type { TestStack } from './stack.ts';

/** Delivers what was written, so many messages at once. Throws when one of them comes back. */
export async function deliverInTurn(stack: TestStack, messages: number): Promise<void> {
  const bodies = stack.takeMessages();
  for (let from = 0; from < bodies.length; from += messages) {
    const { failed } = await stack.deliver(bodies.slice(from, from + messages));
    expect(failed).toEqual([]);
  }
}
