/** The door to the local Redshift: what the rest of the stack may know of it. Everything else is its own. */
export { startWarehouse, type Warehouse, type WarehouseOptions } from './warehouse.ts';
export { WarehouseLocked, WarehouseTooNew, WarehouseUnreadable } from './engine/database-file.ts';
export type { Fault, FaultHook, FaultPoint } from './fault.ts';
export type { Isolation } from './session/locks.ts';
export { foreignness, isForm, REQUEST_TIMES as requestTimes } from './protocol/own-requests.ts';
export {
  ObjectForbidden,
  ObjectMissing,
  type ObjectBody,
  type ObjectContent,
  type ObjectReader,
  type S3Address,
} from './types.ts';
