import * as v from 'valibot';
import { malformedXml } from '../../../src/local/s3/error.ts';
import { element, parseXml } from '../../../src/local/s3/xml.ts';

const deletion = v.object({ Delete: v.object({ Object: v.array(v.object({ Key: v.string() })) }) });

/** The keys that a document names. */
function keysOf(objects: string, before = ''): string[] {
  return parseXml(deletion, `${before}<Delete>${objects}</Delete>`).Delete.Object.map(({ Key }) => Key);
}

const named = (key: string): string => `<Object><Key>${key}</Key></Object>`;

test.each([
  'plain',
  ' blanks at both ends ',
  '007',
  '1e3',
  '0x1F',
  'true',
  '<Key>&amp;</Key>',
  'cr\r\nlf\tand tab',
  '__proto__',
  'a"b\'c',
  '🎵日本語',
])('the key %j is read as it was written', (key) => {
  expect(keysOf(`<Object>${element('Key', key)}</Object>`)).toEqual([key]);
});

test('references by number are characters, also those that XML 1.0 knows by no other way', () => {
  expect(keysOf(named('&#233;&#xE9;&#x1F3B5;&#1;') + named('a'), '<?xml version="1.0"?>\n')).toEqual([
    'éé🎵\u0001',
    'a',
  ]);
});

test('comments, CDATA, attributes and blanks between elements are no part of a key', () => {
  const object =
    '\n  <Object a="1"><!-- <Key>no</Key> -->\n <Key xml:space="preserve"><![CDATA[<a>&amp;]]></Key></Object>\n';
  expect(keysOf(object)).toEqual(['<a>&amp;']);
});

const laughs = Array.from({ length: 9 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join('');

test.each([
  ['an entity of the document', named('&x;'), '<!DOCTYPE d [<!ENTITY x "kept.json">]>'],
  ['a document type that is not used', named('a'), '<!DOCTYPE d [<!ENTITY x "a">]>'],
  ['a document type without entities', named('a'), '<!DOCTYPE d>'],
  ['a file of this machine', named('&x;'), '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>'],
  ['a billion laughs', named('&l9;'), `<!DOCTYPE d [<!ENTITY l0 "ha">${laughs}]>`],
  ['an entity nobody knows', named('&nbsp;'), ''],
  ['an ampersand alone', named('a & b'), ''],
  ['a reference to no character', named('&#x110000;'), ''],
  ['a reference to half a character', named('&#xD800;'), ''],
  ['a reference to NUL', named('&#0;'), ''],
  ['an element that is not closed', '<Object><Key>a</Key>', ''],
  ['elements that cross', '<Object><Key>a</Object></Key>', ''],
  ['an element that would be a prototype', `<__proto__>${named('a')}</__proto__>`, ''],
  ['an element named constructor', `<constructor>${named('a')}</constructor>`, ''],
  ['two keys of one object', '<Object><Key>a</Key><Key>b</Key></Object>', ''],
  ['an object without a key', '<Object></Object>', ''],
  ['no object', '', ''],
  ['a key that holds an element', named('<b>a</b>'), ''],
  ['depth without end', '<a>'.repeat(1000) + '</a>'.repeat(1000), ''],
])('%s is no document that S3 takes', (_, objects, before) => {
  expect(() => keysOf(objects, before)).toThrow(malformedXml());
});

test('what is no XML at all is refused likewise', () => {
  for (const text of ['', 'key=a', '{}', '<', '<Delete', '\u0000']) {
    expect(() => parseXml(deletion, text)).toThrow(malformedXml());
  }
});
