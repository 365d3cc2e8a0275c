import { integer, text, type Body } from './requests.ts';
import { invalid } from '../service-error.ts';

/**
 * The page of a list that a call asks for by `NextToken` and `MaxResults`, and the token of the page after it. `list` names
 * the list, so that the token of another one is refused. A `MaxResults` of 0, which the service model allows, means the most.
 * Throws ValidationException.
 */
export function pageOf<Item>(
  items: readonly Item[],
  body: Body,
  list: string,
  most: number,
): { page: Item[]; next: { NextToken?: string } } {
  const asked = integer(body, 'MaxResults', 0, most) ?? 0;
  const size = asked === 0 ? most : asked;
  const from = placeOf(text(body, 'NextToken', 0, 1024) ?? '', list);
  const until = from + size;
  const next = until < items.length ? { NextToken: tokenOf(list, until) } : {};
  return { page: items.slice(from, until), next };
}

/** Names a place in a list as an opaque token. */
export function tokenOf(list: string, place: number): string {
  return Buffer.from(`${list}/${place}`).toString('base64url');
}

/** The place a token of this list names; the beginning for an empty one. Throws ValidationException. */
export function placeOf(token: string, list: string): number {
  if (token === '') return 0;
  const [named, place = ''] = Buffer.from(token, 'base64url').toString().split('/');
  if (named !== list || !/^\d{1,9}$/.test(place)) throw invalid(`The NextToken is not valid for ${list}.`);
  return Number(place);
}
