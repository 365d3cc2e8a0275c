/**
 * Names that mean something else to the engine below: schemas and databases of its own, the scratch databases of COPY, and
 * what this program keeps. PostgreSQL keeps pg_… for itself.
 */
export function isEngineSchema(name: string): boolean {
  return /^(?:main|temp|system|memory|warehouse|information_schema|redshift_.*|copy_scratch_.*|pg_.*)$/.test(name);
}
