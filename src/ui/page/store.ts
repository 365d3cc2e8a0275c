import { useEffect, useState } from 'preact/hooks';
import type { Batch, FaultSwitch, Move, Overview, PageEvents, Point, Setup } from '../shapes.ts';

/** Everything the page was told. */
export type Told = {
  connected: boolean;
  setup: Setup | null;
  overview: Overview | null;
  points: readonly Point[];
  batches: readonly Batch[];
  faults: readonly FaultSwitch[];
  trouble: string;
};

const KEPT_POINTS = 600;

let told: Told = {
  connected: false,
  setup: null,
  overview: null,
  points: [],
  batches: [],
  faults: [],
  trouble: '',
};
const LISTENERS = new Set<() => void>();
const MOVE_LISTENERS = new Set<(moves: readonly Move[]) => void>();
let isFrameAsked = false;

/** Changes what is known; everything told between two frames is drawn at once. */
function change(part: Partial<Told>): void {
  told = { ...told, ...part };
  if (isFrameAsked) return;
  isFrameAsked = true;
  requestAnimationFrame(() => {
    isFrameAsked = false;
    for (const listener of LISTENERS) listener();
  });
}

/** A part of what was told; the caller is drawn again when it changes. */
export function useTold<Part>(select: (all: Told) => Part): Part {
  const [part, setPart] = useState(() => select(told));
  useEffect(() => {
    const listener = (): void => {
      setPart(() => select(told));
    };
    listener();
    LISTENERS.add(listener);
    return () => {
      LISTENERS.delete(listener);
    };
  }, []);
  return part;
}

/** Calls with each list of moves, until the returned function is called. */
export function onMoves(listener: (moves: readonly Move[]) => void): () => void {
  MOVE_LISTENERS.add(listener);
  return () => {
    MOVE_LISTENERS.delete(listener);
  };
}

/** Listens to the server; the browser connects again by itself when the stack was stopped and is there again. */
export function listen(): void {
  const events = new EventSource('/api/events');
  const on = <Name extends keyof PageEvents>(name: Name, take: (data: PageEvents[Name]) => void): void => {
    events.addEventListener(name, (event: MessageEvent<string>) => {
      take(JSON.parse(event.data) as PageEvents[Name]);
    });
  };
  events.onerror = () => {
    change({ connected: false });
  };
  on('setup', (setup) => {
    // The stack may be another one than before, so nothing of the old one stays.
    change({ connected: true, setup, points: [], batches: [] });
  });
  on('overview', (overview) => {
    change({ overview });
  });
  on('points', (points) => {
    change({ points: mergePoints(told.points, points) });
  });
  on('batches', (batches) => {
    change({ batches });
  });
  on('faults', (faults) => {
    change({ faults });
  });
  on('trouble', (trouble) => {
    change({ trouble });
  });
  on('moves', (moves) => {
    for (const listener of MOVE_LISTENERS) listener(moves);
  });
}

/** Points by their second, the newer one of two. */
function mergePoints(known: readonly Point[], news: readonly Point[]): Point[] {
  const all = new Map(known.map((point) => [point.atMs, point]));
  for (const point of news) all.set(point.atMs, point);
  return [...all.values()].sort((a, b) => a.atMs - b.atMs).slice(-KEPT_POINTS);
}

/** Asks a question. @throws Error with the server's words. */
export async function ask<Answer>(path: string): Promise<Answer> {
  return answerOf<Answer>(await fetch(path));
}

/** Asks for something to be done that a person clicked for. @throws Error with the server's words. */
export async function send<Answer>(path: string, body: object): Promise<Answer> {
  const headers = { 'content-type': 'application/json' };
  return answerOf<Answer>(await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) }));
}

async function answerOf<Answer>(response: Response): Promise<Answer> {
  const value = (await response.json()) as Answer | { error: string; hint?: string };
  if (response.ok) return value as Answer;
  const { error, hint } = value as { error: string; hint?: string };
  throw new Error(hint === undefined ? error : `${error} → ${hint}`);
}
