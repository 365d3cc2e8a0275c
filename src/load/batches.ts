import type { Codec, Source, Candidate } from '../objects/source.ts';
import type { BatchLimits } from '../config.ts';

/** Objects of one source and codec: one COPY, one manifest. */
export type Group = { source: Source; codec: Codec; objects: Candidate[] };

/** Whether loading these sources with so many COPYs is within the limit of statements. */
export type FitsStatements = (sources: readonly Source[], copies: number) => boolean;

/** Cuts candidates into batches in a stable order: by source and codec, then as delivered. */
export function cutBatches(
  objects: readonly Candidate[],
  limits: BatchLimits,
  fitsStatements: FitsStatements,
): Candidate[][] {
  const batches: Candidate[][] = [];
  let current: Candidate[] = [];
  let bytes = 0;
  const fits = (wanted: ReadonlyMap<string, Source>): boolean =>
    wanted.size <= limits.maxGroups && fitsStatements([...new Set(wanted.values())], wanted.size);
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

/** A delivery of more objects than this, some of which landed so long ago, is what gathered while nothing was loaded. */
const BACKLOG = { objects: 1000, ageMs: 600_000 };
/** So many of the newest load first then, within seconds, instead of behind a full batch. */
const NEWEST_OBJECTS = 500;

/** The objects of a delivery in the order they load: the newest first, and when there is a backlog, some of them for themselves. */
export function newestFirst(objects: readonly Candidate[], nowMs: number): Candidate[][] {
  const sorted = [...objects].sort((one, other) => other.eventTimeMs - one.eventTimeMs);
  const landed = sorted.filter(({ replayed }) => replayed !== true);
  const oldestMs = landed.at(-1)?.eventTimeMs ?? nowMs;
  if (landed.length <= BACKLOG.objects || nowMs - oldestMs < BACKLOG.ageMs) return [sorted];
  const newest = new Set(landed.slice(0, NEWEST_OBJECTS));
  return [[...newest], sorted.filter((one) => !newest.has(one))];
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
