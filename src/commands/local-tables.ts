import { LOCAL_USERS } from '../local/stack.ts';
import type { Connection } from '../ports.ts';
import { grantTo, upgradeSchema } from '../schema/upgrade.ts';
import { schemaDeps } from './create-tables.ts';

/**
 * Makes the tables of a local stack, or upgrades them, and grants its users what `create-tables --grant-to` and the like grant
 * in AWS, and nothing more: so a grant that was forgotten is missed on the laptop. @throws LoaderError
 */
export async function makeLocalTables(connection: Connection): Promise<void> {
  await upgradeSchema(schemaDeps(connection));
  await grantLocalUsers(connection);
}

/** Grants the users of a local stack their rights on the tables there are. @throws LoaderError */
export async function grantLocalUsers(connection: Connection): Promise<void> {
  await grantTo(LOCAL_USERS.loader, 'load', schemaDeps(connection));
  await grantTo(LOCAL_USERS.reconcile, 'reconcile', schemaDeps(connection));
  await grantTo(LOCAL_USERS.reader, 'read', schemaDeps(connection));
}
