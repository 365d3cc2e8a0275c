import { XMLParser } from 'fast-xml-parser';
import * as v from 'valibot';
import { malformedXml } from './error.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Text made safe inside an XML element. Line ends are written as references, or a parser would turn \r into \n. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"'\r\n]/g, (character) => ESCAPES[character] ?? `&#${character.charCodeAt(0)};`);
}

/** What an element holds: text, raw XML, or nothing when undefined (then the element is left out). */
export type XmlContent = string | number | boolean | { xml: string } | undefined;

/** One element. Text is escaped; `{ xml }` is taken as it is. */
export function element(name: string, content: XmlContent): string {
  if (content === undefined) return '';
  const inner = typeof content === 'object' ? content.xml : escapeXml(String(content));
  return `<${name}>${inner}</${name}>`;
}

/** Elements in the given order, wrapped in the root of an S3 answer; behind them, those that may stand several times. */
export function document(root: string, contents: Record<string, XmlContent>, repeated: readonly string[] = []): string {
  const inner = [...Object.entries(contents).map(([name, content]) => element(name, content)), ...repeated].join('');
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inner}</${root}>`;
}

const REFERENCES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** The reverse of `escapeXml`, and of any other writer's numeric references. Throws on a reference to no character. */
function unescapeXml(text: string): string {
  return text.replace(/&([^&;]*);?/g, (reference, name: string) => {
    const [, hex, decimal] = /^#(?:x([0-9a-f]{1,6})|([0-9]{1,7}))$/i.exec(name) ?? [];
    const code = hex === undefined ? Number(decimal) : parseInt(hex, 16);
    const character = Number.isNaN(code) ? REFERENCES[name] : String.fromCodePoint(code);
    if (character === undefined || /[\0\p{Cs}]/u.test(character) || !reference.endsWith(';')) throw malformedXml();
    return character;
  });
}

/** Elements that may stand several times in the requests S3 takes. */
const REPEATED: readonly string[] = ['Object', 'Part', 'QueueConfiguration', 'Event', 'FilterRule'];

const parser = new XMLParser({
  ignoreDeclaration: true,
  isArray: (name) => REPEATED.includes(name),
  jPath: false,
  // Keys may be numbers, and may begin and end with blanks.
  parseTagValue: false,
  trimValues: false,
  // The library's own decoder leaves out control characters, and so would name another key than the client did.
  entityDecoder: {
    decode: unescapeXml,
    addInputEntities: () => {
      throw malformedXml();
    },
    setExternalEntities: () => undefined,
    setXmlVersion: () => undefined,
    reset: () => undefined,
  },
});

/**
 * Reads the document of a request by a schema: elements of text are strings, others objects, and those that may stand
 * several times arrays. No entities but XML's own are known. Throws `MalformedXML` when it is no XML, or does not fit.
 */
export function parseXml<Schema extends v.GenericSchema>(schema: Schema, xml: string): v.InferOutput<Schema> {
  let document: unknown;
  try {
    // Without its own validation the parser takes elements that cross; the validator it recommends is a package more.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    document = parser.parse(xml, true);
  } catch {
    // Whatever the library finds wrong, S3 says the same of it.
    throw malformedXml();
  }
  const parsed = v.safeParse(schema, document);
  if (!parsed.success) throw malformedXml();
  return parsed.output;
}
