import { readFileSync, writeFileSync } from 'node:fs';
import { readObserved } from './observed.ts';
import { conformancePage } from './page.ts';

const PAGE = new URL('../../docs/CONFORMANCE.md', import.meta.url);

test('docs/CONFORMANCE.md is what the beliefs and the observations make of it', () => {
  const page = conformancePage(readObserved());
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(PAGE, page);
  expect(readFileSync(PAGE, 'utf8')).toBe(page);
});

test('an observation is shown beside its belief, and its cluster by name', () => {
  const id = 'sessions: a temporary table is there in the next call of its session';
  const one = { cluster: 'Redshift 1.0.0', date: '2026-01-01', result: '1', asBelieved: true };
  const page = conformancePage({ [id]: [one] });
  expect(page).toContain('Observed: Redshift 1.0.0.');
  expect(page).toMatch(/^\| sessions .* \| 1 of 1 \|$/m);
});
