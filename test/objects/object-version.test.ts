import fc from '../support/fast-check.ts';
import {
  compareVersions,
  decodeKey,
  encodeKey,
  objectId,
  s3Url,
  type VersionOrder,
} from '../../src/objects/object-version.ts';

const hexadecimal = fc
  .array(fc.constantFrom(...Array.from('0123456789abcdefABCDEF')), { minLength: 1, maxLength: 40 })
  .map((digits) => digits.join(''));
const eventTimeMs = fc.integer({ min: 0, max: 2_000_000_000_000 });
const sequenced = fc.record({ sequencer: hexadecimal, eventTimeMs });
const timed = fc.record({ eventTimeMs });

describe('two versions of a key', () => {
  test.each<[string, VersionOrder, VersionOrder, number]>([
    [
      'the greater sequencer is newer, whatever the times',
      { sequencer: '0B', eventTimeMs: 1 },
      { sequencer: '0A', eventTimeMs: 9 },
      1,
    ],
    [
      'the shorter sequencer is padded on the left',
      { sequencer: 'F', eventTimeMs: 1 },
      { sequencer: '10', eventTimeMs: 1 },
      -1,
    ],
    ['leading zeros mean nothing', { sequencer: '00A', eventTimeMs: 1 }, { sequencer: 'A', eventTimeMs: 1 }, 0],
    ['upper and lower case mean the same', { sequencer: 'ab', eventTimeMs: 1 }, { sequencer: 'AB', eventTimeMs: 1 }, 0],
    [
      'one write told with two clocks is one version',
      { sequencer: 'A', eventTimeMs: 5000 },
      { sequencer: 'A', eventTimeMs: 5796 },
      0,
    ],
    ['without two sequencers the time decides', { sequencer: 'F', eventTimeMs: 1 }, { eventTimeMs: 2 }, -1],
    ['without any the time decides', { eventTimeMs: 3 }, { eventTimeMs: 2 }, 1],
    ['at one time they cannot be told apart', { eventTimeMs: 2 }, { sequencer: 'A', eventTimeMs: 2 }, 0],
  ])('%s', (_, a, b, expected) => {
    expect(compareVersions(a, b)).toBe(expected);
    expect(compareVersions(b, a)).toBe(expected === 0 ? 0 : -expected);
  });

  test('are ordered as their sequencers are as numbers', () => {
    fc.assert(
      fc.property(sequenced, sequenced, (a, b) => {
        const [left, right] = [BigInt(`0x${a.sequencer}`), BigInt(`0x${b.sequencer}`)];
        expect(compareVersions(a, b)).toBe(left < right ? -1 : left > right ? 1 : 0);
      }),
    );
  });

  test.each([
    ['with sequencers', sequenced],
    ['without sequencers', timed],
  ])('%s have one order: reflexive, antisymmetric, transitive', (_, version: fc.Arbitrary<VersionOrder>) => {
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        expect(compareVersions(a, a)).toBe(0);
        expect(compareVersions(a, b) + compareVersions(b, a)).toBe(0);
        if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0) {
          expect(compareVersions(a, c)).toBeLessThanOrEqual(0);
        }
      }),
    );
  });

  // Where a clock contradicts the sequencers no order of the mixture exists; S3's clock follows its writes.
  test('have one order also where only some carry sequencers, as long as time follows the writes', () => {
    const write = fc.tuple(fc.integer({ min: 0, max: 5000 }), fc.boolean());
    const version = write.map(([n, told]) => ({ eventTimeMs: n, ...(told ? { sequencer: n.toString(16) } : {}) }));
    fc.assert(
      fc.property(version, version, (a, b) => {
        expect(compareVersions(a, b)).toBe(Math.sign(a.eventTimeMs - b.eventTimeMs));
      }),
    );
  });
});

describe('an object', () => {
  test('is known by the md5 of its bucket and key, as the ledger is asked', () => {
    expect(objectId({ bucket: 'sparkify-landing', key: 'log_data/a.json' })).toBe('20524a7f9a38d25d0ea9636949e50064');
    expect(objectId({ bucket: 'b', key: 'ü 日' })).toMatch(/^[0-9a-f]{32}$/);
  });

  test('is named by bucket and plain key', () => {
    expect(s3Url({ bucket: 'b', key: 'a +ü%.json' })).toBe('s3://b/a +ü%.json');
  });
});

describe('the form encoding of keys', () => {
  test.each([
    ['red flower.jpg', 'red+flower.jpg'],
    ['test_file(3).png', 'test_file%283%29.png'],
    ["a+b/it's 100%!.json", 'a%2Bb/it%27s+100%25%21.json'],
    ['é/日本.json', '%C3%A9/%E6%97%A5%E6%9C%AC.json'],
    ['~a-b_c.d*', '~a-b_c.d*'],
  ])('of %s is %s', (key, encoded) => {
    expect(encodeKey(key)).toBe(encoded);
  });

  test('is plain ASCII, and undone by its decoding', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (key) => {
        expect(encodeKey(key)).toMatch(/^[\x21-\x7e]*$/);
        expect(decodeKey(encodeKey(key))).toBe(key);
      }),
    );
  });
});
