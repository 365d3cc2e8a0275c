import { LOCAL_KEYS, LOCAL_USERS } from './connect.ts';
import { ADMINISTRATOR } from './redshift/index.ts';

/** Whose each of the stack's access keys is, for the warehouse. */
export const identities: Readonly<Record<string, string>> = {
  [LOCAL_KEYS.administrator]: ADMINISTRATOR,
  [LOCAL_KEYS.loader]: LOCAL_USERS.loader,
  [LOCAL_KEYS.reconcile]: LOCAL_USERS.reconcile,
  [LOCAL_KEYS.reader]: LOCAL_USERS.reader,
};
