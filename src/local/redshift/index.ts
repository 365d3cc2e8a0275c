/** The local Redshift's only door: everything else in this folder is private to it. */
export { ADMINISTRATOR } from './rights/rights.ts';
export { startWarehouse, type Warehouse, type WarehouseOptions } from './warehouse.ts';
export { WarehouseLocked, WarehouseTooNew, WarehouseUnreadable } from './engine/database-file.ts';
export type { Fault, FaultHook, FaultPoint } from './fault.ts';
export type { Isolation } from './session/locks.ts';
export {
  type Allocate,
  ObjectForbidden,
  ObjectMissing,
  type ObjectBody,
  type ObjectContent,
  type ObjectReader,
  type S3Address,
} from './types.ts';
