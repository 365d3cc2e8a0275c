import type { ObjectReader } from './redshift/index.ts';
import type { ObjectStore } from './s3/object-store.ts';

/** The store for a warehouse that is started before it. */
export function lateReader(late: { store?: ObjectStore }): ObjectReader {
  const store = (): ObjectStore => {
    if (!late.store) throw new Error('the object store is not started yet');
    return late.store;
  };
  return { read: (address, allocate) => store().read(address, allocate), list: (address) => store().list(address) };
}
