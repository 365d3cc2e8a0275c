import type { Codec, Source, Candidate } from '../objects/source.ts';
import type { BatchLimits } from '../config.ts';

/** Objects of one source and codec: one COPY, one manifest. */
export type Group = { source: Source; codec: Codec; objects: Candidate[] };

/** The statements that loading groups takes, beside those of every load: a COPY for each, and the steps of their sources. */
function statementsOf(groups: ReadonlyMap<string, Source>): number {
  return groups.size + [...new Set(groups.values())].reduce((sum, { steps }) => sum + steps.length, 0);
}

/**
 * Cuts candidates into batches in a stable order: by source and codec, then as delivered. `maxStatements` is how many their
 * sources may take together.
 */
export function cutBatches(
  objects: readonly Candidate[],
  limits: BatchLimits & { maxStatements: number },
): Candidate[][] {
  const batches: Candidate[][] = [];
  let current: Candidate[] = [];
  let bytes = 0;
  const fits = (wanted: ReadonlyMap<string, Source>): boolean =>
    wanted.size <= limits.maxGroups && statementsOf(wanted) <= limits.maxStatements;
  let groups = new Map<string, Source>();
  for (const group of groupObjects(objects)) {
    const name = groupName(group);
    for (const object of group.objects) {
      const size = object.sizeBytes ?? 0;
      const full =
        current.length >= limits.maxObjects ||
        bytes + size > limits.maxBytes ||
        (!groups.has(name) && !fits(new Map(groups).set(name, group.source)));
      if (full && current.length > 0) {
        batches.push(current);
        current = [];
        bytes = 0;
        groups = new Map();
      }
      current.push(object);
      bytes += size;
      groups.set(name, group.source);
    }
  }
  if (current.length > 0) batches.push(current);
  return batches;
}

/** Objects by source and codec, sources in their order. */
export function groupObjects(objects: readonly Candidate[]): Group[] {
  const groups = new Map<string, Group>();
  for (const object of objects) {
    const name = groupName(object);
    const group = groups.get(name) ?? { source: object.source, codec: object.codec, objects: [] };
    group.objects.push(object);
    groups.set(name, group);
  }
  return [...groups.values()].sort((a, b) => a.source.order - b.source.order);
}

/** The name of a group, also that of its manifest. */
export function groupName(group: { source: Source; codec: Codec }): string {
  return `${group.source.name}-${group.codec}`;
}
