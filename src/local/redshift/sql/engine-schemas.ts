/**
 * Names with another meaning to the engine: its own schemas and databases, COPY's scratch databases, and those this program
 * uses. PostgreSQL reserves pg_….
 */
export function isEngineSchema(name: string): boolean {
  return /^(?:main|temp|system|memory|warehouse|information_schema|redshift_.*|copy_scratch_.*|pg_.*)$/.test(name);
}
