/** Message bodies that no S3 would send: the shipped wire shapes bent and broken, and plain noise. */
import { readdirSync, readFileSync } from 'node:fs';
import fc from '../support/fast-check.ts';

const EVENTS = new URL('../../events/', import.meta.url);

/** The bodies of the shipped wire shapes. */
const shapes: string[] = readdirSync(EVENTS).flatMap((file) => {
  const delivery = JSON.parse(readFileSync(new URL(file, EVENTS), 'utf8')) as { Records: { body: string }[] };
  return delivery.Records.map(({ body }) => body);
});

type Path = (string | number)[];
type Mutation = { at: number; put: unknown };

const strange = fc.oneof(
  fc.anything(),
  fc.string(),
  fc.constantFrom<unknown>(null, '', -1, 1e308, [], {}, [[]], '%', '%E0%A4%A', '__proto__', 'ObjectCreated:', 'NaN'),
);

/** A shape with some values replaced, anywhere in it, or a piece of its text cut out or doubled. */
const mutated: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom(...shapes),
    fc.array(fc.record({ at: fc.nat(100), put: strange }), { minLength: 1, maxLength: 3 }),
  )
  .map(([shape, mutations]) => mutations.reduce(replaceOne, shape));
const cut: fc.Arbitrary<string> = fc
  .tuple(fc.constantFrom(...shapes), fc.nat(2000), fc.nat(40), fc.boolean())
  .map(([shape, at, length, doubled]) => {
    const from = at % (shape.length + 1);
    const piece = shape.slice(from, from + length);
    return shape.slice(0, from) + (doubled ? piece + piece : '') + shape.slice(from + length);
  });

/** Bodies of all kinds. */
export const bodies: fc.Arbitrary<string> = fc.oneof(
  { weight: 5, arbitrary: mutated },
  { weight: 3, arbitrary: cut },
  { weight: 1, arbitrary: fc.json() },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
);

/** Replaces the value at one of the text's places, inside nested envelopes too. */
function replaceOne(text: string, { at, put }: Mutation): string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Already broken by an earlier mutation: it stays as it is.
    return text;
  }
  const places = placesOf(value, []);
  const path = places[at % Math.max(places.length, 1)] ?? [];
  const old = path.reduce<unknown>((node, step) => (node as Record<string | number, unknown>)[step], value);
  // A string that is JSON itself is an envelope's content; half of the time the mutation goes into it.
  const inner = typeof old === 'string' && old.startsWith('{') && at % 2 === 0 ? replaceOne(old, { at, put }) : put;
  return stringify(replaceAt(value, path, inner)) ?? text;
}

function placesOf(value: unknown, path: Path): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const children = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [path, ...children.flatMap(([step, child]) => placesOf(child, [...path, step]))];
}

function replaceAt(value: unknown, [step, ...rest]: Path, put: unknown): unknown {
  if (step === undefined) return put;
  if (Array.isArray(value))
    return value.map((child: unknown, index) => (index === step ? replaceAt(child, rest, put) : child));
  const record = value as Record<string, unknown>;
  return { ...record, [step]: replaceAt(record[step], rest, put) };
}

/** JSON, or undefined for what has none: functions, circles, large integers. */
function stringify(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}
