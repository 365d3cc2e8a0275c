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
    const code = hex === undefined ? (decimal === undefined ? undefined : parseInt(decimal, 10)) : parseInt(hex, 16);
    if (code !== undefined) return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
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

/**
 * The raw inner XML of every `<name>` element, wherever it stands. Enough for the flat requests S3 takes. It goes over the text
 * once, however hostile: an element that is not closed ends the search, since then none behind it is.
 */
export function innerXml(xml: string, name: string): string[] {
  const [opening, closing] = [`<${name}`, `</${name}>`];
  const found: string[] = [];
  for (let at = xml.indexOf(opening); at !== -1; at = xml.indexOf(opening, at)) {
    at += opening.length;
    if (!/[\s>]/.test(xml.charAt(at))) continue;
    const start = xml.indexOf('>', at) + 1;
    const end = start === 0 ? -1 : xml.indexOf(closing, start);
    if (end === -1) break;
    found.push(xml.slice(start, end));
    at = end + closing.length;
  }
  return found;
}

/** The text of every `<name>` element. */
export function texts(xml: string, name: string): string[] {
  return innerXml(xml, name).map(unescapeXml);
}
