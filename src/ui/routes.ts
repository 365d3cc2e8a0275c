import { DROPS, PAGE_STATES, type PageState } from './shapes.ts';
import type { UiSource } from './source.ts';

/** What went wrong by the client's fault. */
export class Refused extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** What is asked; nothing of it changes anything. */
export async function answer(url: URL, source: UiSource): Promise<unknown> {
  const asked = (name: string): string => {
    const value = url.searchParams.get(name);
    if (value === null) throw new Refused(400, `Say which: ?${name}=…`);
    return value;
  };
  switch (url.pathname) {
    case '/api/setup':
      return source.setup();
    case '/api/overview':
      return source.overview();
    case '/api/batches':
      return source.batches();
    case '/api/batch':
      return source.batch(Number(asked('no')));
    case '/api/objects':
      return source.objects(stateOf(asked('state')));
    case '/api/object':
      return source.life(asked('url'));
    case '/api/quarantine':
      return source.quarantine();
    case '/api/dead-letters':
      return source.deadLetters();
    case '/api/cost':
      return source.cost();
    case '/api/faults':
      return source.faults();
    default:
      throw new Refused(404, 'There is no such question.');
  }
}

/** What a person has to click for. */
export async function change(path: string, body: unknown, source: UiSource): Promise<unknown> {
  const { sql, id, on, what } = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  switch (path) {
    case '/api/ask':
      await source.ask();
      return source.overview();
    case '/api/query':
      if (typeof sql !== 'string') throw new Refused(400, 'Send {"sql": "…"}.');
      return source.query(sql);
    case '/api/drop': {
      const drop = DROPS.find((one) => one === what);
      if (drop === undefined) throw new Refused(400, `Send {"what": …}, one of: ${DROPS.join(', ')}.`);
      return source.drop(drop);
    }
    case '/api/faults':
      if (typeof id !== 'string' || typeof on !== 'boolean') throw new Refused(400, 'Send {"id": "…", "on": true}.');
      source.setFault(id, on);
      return source.faults();
    default:
      throw new Refused(404, 'There is nothing to change.');
  }
}

function stateOf(text: string): PageState {
  const state = PAGE_STATES.find((one) => one === text);
  if (state === undefined) throw new Refused(400, `States are: ${PAGE_STATES.join(', ')}.`);
  return state;
}
