const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Text made safe inside an XML element. Line ends are written as references, or a parser would turn \r into \n. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"'\r\n]/g, (character) => escapes[character] ?? `&#${character.charCodeAt(0)};`);
}

const references: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** The reverse of `escapeXml`, and of any other writer's numeric references. */
export function unescapeXml(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex?: string, decimal?: string, name?: string) => {
    if (hex !== undefined) return String.fromCodePoint(parseInt(hex, 16));
    if (decimal !== undefined) return String.fromCodePoint(parseInt(decimal, 10));
    return references[name ?? ''] ?? whole;
  });
}

/** What an element holds: text, raw XML, or nothing when undefined (then the element is left out). */
export type XmlContent = string | number | boolean | { xml: string } | undefined;

/** One element. Text is escaped; `{ xml }` is taken as it is. */
export function element(name: string, content: XmlContent): string {
  if (content === undefined) return '';
  const inner = typeof content === 'object' ? content.xml : escapeXml(String(content));
  return `<${name}>${inner}</${name}>`;
}

/** Elements in the given order, wrapped in the root of an S3 answer. */
export function document(root: string, contents: Record<string, XmlContent>): string {
  const inner = Object.entries(contents)
    .map(([name, content]) => element(name, content))
    .join('');
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inner}</${root}>`;
}

/** The raw inner XML of every `<name>` element, wherever it stands. Enough for the flat requests S3 takes. */
export function innerXml(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}(?:\\s[^>]*)?>([\\s\\S]*?)</${name}>`, 'g'))].map(
    (match) => match[1] ?? '',
  );
}

/** The text of every `<name>` element. */
export function texts(xml: string, name: string): string[] {
  return innerXml(xml, name).map(unescapeXml);
}
