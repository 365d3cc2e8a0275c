import type { Move, Station } from '../shapes.ts';

/** How long a dot is on its way. Only what has moved is drawn, so the way is shown once it was gone. */
const TRAVEL_MS = 700;
/** More would be a blur: then a dot stands for several objects. */
const DOTS_PER_MOVE = 28;
const MOST_DOTS = 240;
/** Dots of one move follow each other. */
const SPREAD_MS = 450;
const RADIUS = 3.2;
/** How near a click must be. */
const NEAR = 9;

type Dot = { from: Station; to: Station; startMs: number; lane: number; url: string | undefined; tone: string };
type Place = { x: number; y: number };

/** Draws the moves of objects between stations on a canvas above them, and only while something moves. */
export class Dots {
  static #last: Dots | undefined;
  readonly #strip: HTMLElement;
  readonly #canvas: HTMLCanvasElement;
  readonly #resize: ResizeObserver;
  readonly #still = matchMedia('(prefers-reduced-motion: reduce)');
  #places = new Map<Station, Place>();
  #dots: Dot[] = [];
  #frame = 0;

  constructor(strip: HTMLElement, canvas: HTMLCanvasElement) {
    this.#strip = strip;
    this.#canvas = canvas;
    this.#resize = new ResizeObserver(() => {
      this.#measure();
    });
    this.#resize.observe(strip);
    Dots.#last = this;
  }

  /** The URL of the dot that was clicked. */
  static at(event: MouseEvent): string | undefined {
    return Dots.#last === undefined ? undefined : Dots.#last.#at(event);
  }

  add(moves: readonly Move[]): void {
    if (this.#still.matches || document.visibilityState !== 'visible') return;
    const nowMs = performance.now();
    for (const { from, to, count, urls } of moves) {
      const many = Math.min(count, DOTS_PER_MOVE);
      const tone =
        to === 'quarantine' || to === 'deadLetters' ? 'bad' : to === 'queue' && from === 'batch' ? 'warn' : 'fine';
      for (let i = 0; i < many; i += 1) {
        const startMs = nowMs + (many === 1 ? 0 : (i / many) * SPREAD_MS);
        this.#dots.push({
          from,
          to,
          startMs,
          lane: ((i % 5) - 2) * (many > 4 ? 1 : 0),
          url: urls[i % urls.length],
          tone,
        });
      }
    }
    this.#dots = this.#dots.slice(-MOST_DOTS);
    this.#frame ||= requestAnimationFrame((at) => {
      this.#draw(at);
    });
  }

  stop(): void {
    cancelAnimationFrame(this.#frame);
    this.#resize.disconnect();
  }

  #measure(): void {
    const own = this.#strip.getBoundingClientRect();
    const scale = devicePixelRatio;
    this.#canvas.width = own.width * scale;
    this.#canvas.height = own.height * scale;
    this.#places = new Map(
      [...this.#strip.querySelectorAll<HTMLElement>('[data-station]')].map((node) => {
        const { left, top, width, height } = node.getBoundingClientRect();
        return [node.dataset.station as Station, { x: left - own.left + width / 2, y: top - own.top + height / 2 }];
      }),
    );
  }

  #placeOf(dot: Dot, nowMs: number): Place | undefined {
    const [from, to] = [this.#places.get(dot.from), this.#places.get(dot.to)];
    const share = (nowMs - dot.startMs) / TRAVEL_MS;
    if (from === undefined || to === undefined || share < 0 || share > 1) return undefined;
    const eased = share < 0.5 ? 2 * share * share : 1 - (2 - 2 * share) ** 2 / 2;
    const y = from.y + (to.y - from.y) * eased;
    return { x: from.x + (to.x - from.x) * eased, y: y + dot.lane * 4 };
  }

  #draw(nowMs: number): void {
    const context = this.#canvas.getContext('2d');
    if (context === null) return;
    const style = getComputedStyle(this.#strip);
    const scale = devicePixelRatio;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    for (const dot of this.#dots) {
      const place = this.#placeOf(dot, nowMs);
      if (place === undefined) continue;
      context.fillStyle = style.getPropertyValue(`--${dot.tone}`);
      context.beginPath();
      context.arc(place.x, place.y, RADIUS, 0, 2 * Math.PI);
      context.fill();
    }
    this.#dots = this.#dots.filter(({ startMs }) => nowMs < startMs + TRAVEL_MS);
    this.#frame =
      this.#dots.length === 0
        ? 0
        : requestAnimationFrame((at) => {
            this.#draw(at);
          });
  }

  #at(event: MouseEvent): string | undefined {
    const own = this.#strip.getBoundingClientRect();
    const nowMs = performance.now();
    return this.#dots.find((dot) => {
      const place = this.#placeOf(dot, nowMs);
      if (place === undefined) return false;
      return Math.hypot(place.x - (event.clientX - own.left), place.y - (event.clientY - own.top)) < NEAR;
    })?.url;
  }
}
