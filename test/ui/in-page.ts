/** What tests run inside a page, as text, and what they read from its trace. */

/** Reads the sentence at every frame, and keeps those that do not add up. */
export const WATCH_SENTENCE = `
  window.frames_ = 0; window.wrong_ = []; window.gaps_ = [0]; let last = performance.now();
  const number = (text) => Number(text.replaceAll(',', ''));
  (function look(now) {
    window.gaps_.push(now - last); last = now;
    const seen = document.querySelector('.seen');
    if (seen) {
      const parts = [...document.querySelectorAll('.number b')].map((one) => number(one.textContent));
      const sum = parts.reduce((all, one) => all + one, 0);
      window.frames_ += 1;
      if (sum !== number(seen.textContent)) window.wrong_.push(document.querySelector('.sentence').textContent);
    }
    requestAnimationFrame(look);
  })(last);`;

/** Everything that a page can try with an address of another origin; gives what it could read, or load. */
export const ATTACK = `async (base) => {
  const got = [];
  const soon = (promise) => Promise.race([promise, new Promise((resolve) => setTimeout(resolve, 1500))]);
  const sql = JSON.stringify({ sql: 'SELECT 1', id: 'lose', on: true, what: 'good' });
  const target = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'RedshiftData.ExecuteStatement' };
  const tries = [
    ['/', {}], ['/api/overview', {}], ['/sparkify-landing?list-type=2', {}],
    ...['/api/query', '/api/faults', '/api/drop', '/'].flatMap((path) => [
      [path, { method: 'POST', body: sql }],
      [path, { method: 'POST', body: sql, headers: { 'content-type': 'application/json' } }],
      [path, { method: 'POST', body: sql, headers: target }],
    ]),
    ['/sparkify-landing/evil.json', { method: 'PUT', body: 'x' }],
    ['/sparkify-landing/evil.json', { method: 'POST', body: new FormData() }],
  ];
  for (const [path, init] of tries) for (const mode of ['cors', 'no-cors']) {
    await soon(fetch(base + path, { ...init, mode }).then(async (response) => {
      if (response.type !== 'opaque') got.push(mode + ' ' + path + ' ' + (await response.text()).slice(0, 80));
    }, () => undefined));
  }
  const load = (name, attribute, path) => soon(new Promise((resolve) => {
    const one = document.createElement(name);
    one.onload = () => { if (name !== 'iframe') got.push(name + ' ' + path); resolve(); };
    one.onerror = resolve;
    one[attribute] = base + path;
    document.body.append(one);
  }));
  await Promise.all([load('script', 'src', '/page.js'), load('img', 'src', '/favicon.svg'), load('iframe', 'src', '/')]);
  await soon(new Promise((resolve) => {
    const events = new EventSource(base + '/api/events');
    events.onopen = () => { got.push('events'); resolve(); };
    events.onerror = () => { events.close(); resolve(); };
  }));
  navigator.sendBeacon(base + '/api/faults', new Blob([sql], { type: 'text/plain' }));
  return got;
}`;

/** The longest task of any page's main thread, in its own processor time, milliseconds. */
export function longestTaskMs(trace: string): number {
  type Event = { name: string; pid: number; tid: number; tdur?: number; args?: { name?: string } };
  const { traceEvents } = JSON.parse(trace) as { traceEvents: Event[] };
  const main = new Set(
    traceEvents
      .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
      .map(({ pid, tid }) => `${pid} ${tid}`),
  );
  const tasks = traceEvents.filter(({ name, pid, tid }) => name.endsWith('RunTask') && main.has(`${pid} ${tid}`));
  return Math.max(0, ...tasks.map(({ tdur = 0 }) => tdur / 1000));
}
