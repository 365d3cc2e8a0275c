/**
 * A matcher of keys by a glob: `*` is any run of characters but `/`, `**` any run at all, `?` one character but `/`; all else
 * is itself. A glob without `/` is held against what follows the key's last `/`, like `*.json.gz`; with one, against the
 * whole key.
 */
export function globMatcher(glob: string): (key: string) => boolean {
  const pattern = glob.replace(/\*\*|\*|\?|[^*?]+/g, (part) => {
    if (part === '**') return '.*';
    if (part === '*') return '[^/]*';
    if (part === '?') return '[^/]';
    return part.replace(/[.+^${}()|[\]\\/-]/g, '\\$&');
  });
  const expression = new RegExp(`^${pattern}$`, 'su');
  if (glob.includes('/')) return (key) => expression.test(key);
  return (key) => expression.test(key.slice(key.lastIndexOf('/') + 1));
}
