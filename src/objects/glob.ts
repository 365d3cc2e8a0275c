/**
 * A matcher of keys by a glob: `*` matches any run of characters except `/`, `**` any run at all, `?` one character except `/`;
 * everything else matches itself. A glob without `/`, like `*.json.gz`, is matched against the part after the key's last `/`;
 * one with `/` against the whole key.
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
