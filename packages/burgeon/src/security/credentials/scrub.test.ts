import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { echoForms } from './forms.ts';
import { type Form, type Letter, createScrubber, scrubTable, scrubText } from './scrub.ts';

const named = (forms: Letter[][]): Form[] => forms.map((letters) => ({ name: 'x', letters }));

/** A form of which every letter is written one way. */
const plain = (text: string): Letter[] => Array.from(Buffer.from(text), (byte) => [Buffer.of(byte)]);

const lengthOf = (letters: Letter[]): number =>
  letters.reduce((sum, ways) => sum + Math.max(...ways.map(({ length }) => length)), 0);

const inChunks = (text: Buffer, cuts: readonly number[], forms: Letter[][]): string => {
  const scrubber = createScrubber(scrubTable(named(forms)));
  const longest = Math.max(0, ...forms.map(lengthOf));
  const parts: Buffer[] = [];
  let given = 0;
  let from = 0;
  for (const cut of [...cuts.map((each) => each % (text.length + 1)).sort((a, b) => a - b), text.length]) {
    const part = scrubber.push(text.subarray(from, cut));
    given += part.length;
    if (scrubber.found === undefined) expect(cut - given).toBeLessThan(Math.max(longest, 1));
    parts.push(part);
    from = cut;
  }
  parts.push(scrubber.end());
  return Buffer.concat(parts).toString('latin1');
};

describe('scrubbing', () => {
  it('gives the same whatever the chunks, and holds back less than the longest form', () => {
    // Two letters make overlaps, prefixes and near misses likely.
    const letters = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(
        fc.array(letters, { minLength: 1, maxLength: 4 }),
        fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 60 }),
        fc.array(fc.nat(), { maxLength: 12 }),
        (values, text, cuts) => {
          const forms = values.map(plain);
          expect(inChunks(Buffer.from(text), cuts, forms)).toBe(inChunks(Buffer.from(text), [], forms));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('leaves no form of any secret in any text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 8, maxLength: 40 }),
        fc.string({ maxLength: 20 }),
        fc.string({ maxLength: 20 }),
        fc.array(fc.nat(), { maxLength: 6 }),
        (value, before, behind, cuts) => {
          const forms = echoForms(value);
          const wrapped = [
            `${before}${value}${behind}`,
            encodeURIComponent(value),
            JSON.stringify({ before, value, behind }),
            Buffer.from(`${before}${value}${behind}`).toString('base64'),
            Buffer.from(`${before}${value}${behind}`).toString('base64url'),
            Buffer.from(value).toString('hex'),
          ];
          for (const text of wrapped) {
            const clean = inChunks(Buffer.from(text), cuts, forms);
            expect(inChunks(Buffer.from(clean.replaceAll('[secret]', '\0'), 'latin1'), [], forms)).not.toContain('[secret]');
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it.each<[string, string]>([
    ['as it is', 'k<e"y/\u00e9+0123 4567'],
    ['in a query', encodeURIComponent('k<e"y/\u00e9+0123 4567')],
    ['in a form', new URLSearchParams({ v: 'k<e"y/\u00e9+0123 4567' }).toString()],
    ['in JSON', JSON.stringify({ v: 'k<e"y/\u00e9+0123 4567' })],
    ['in careful JSON', '{"v":"k\\u003ce\\"y/\\u00e9\\u002b0123 4567"}'],
    ['in HTML', 'k&lt;e&quot;y/\u00e9+0123 4567'],
    ['in base64', Buffer.from('k<e"y/\u00e9+0123 4567').toString('base64')],
    ['in base64 behind one byte', Buffer.from('xk<e"y/\u00e9+0123 4567yz').toString('base64')],
    ['in base64 behind two bytes', Buffer.from('xxk<e"y/\u00e9+0123 4567y').toString('base64url')],
    ['in hexadecimal', Buffer.from('k<e"y/\u00e9+0123 4567').toString('hex')],
  ])('finds a secret %s', (_name, text) => {
    expect(scrubText(scrubTable(named(echoForms('k<e"y/\u00e9+0123 4567'))), text)).toContain('[secret]');
  });

  it('gives the same whatever the chunks where one letter has many ways', () => {
    const value = `%a\\&"%`;
    const text = fc.string({ unit: fc.constantFrom(...Array.from('%25a\\&";#u061quot')), maxLength: 60 });
    const written = fc.tuple(text, fc.constantFrom(value, encodeURIComponent(value), JSON.stringify(value)), text);
    fc.assert(
      fc.property(
        written.map((parts) => parts.join('')),
        fc.array(fc.nat(), { maxLength: 12 }),
        (some, cuts) => {
          const forms = echoForms(value);
          expect(inChunks(Buffer.from(some), cuts, forms)).toBe(inChunks(Buffer.from(some), [], forms));
        },
      ),
      { numRuns: 1_000 },
    );
  });

  const hex = (byte: number): string => byte.toString(16).padStart(2, '0');
  const encoded =
    (kept: RegExp, space = '%20', lower = false) =>
    (value: string): string =>
      Array.from(Buffer.from(value), (byte) => {
        const letter = String.fromCharCode(byte);
        if (letter === ' ') return space;
        return byte < 128 && kept.test(letter) ? letter : `%${lower ? hex(byte) : hex(byte).toUpperCase()}`;
      }).join('');
  const entity = (some: RegExp, way: (point: number) => string) => (value: string) =>
    value.replace(some, (letter) => way(letter.charCodeAt(0)));

  describe.each([
    'abc8Q~Zx1.y-2_w3~QQ',
    'wJalrXUtnFEMI/K7MDENG+bPxRfiCYKEY=',
    `it's "a" <b> & c/d+e=f\`g\\`,
    'p\u00e4ss w\u00f6rd/and~more',
  ])('finds %s', (value) => {
    it.each<[string, (value: string) => string]>([
      ['as programs write a query', encodeURI],
      ['as forms do', (some) => new URLSearchParams([['', some]]).toString().slice(1)],
      ['as Python does', encoded(/[A-Za-z0-9_.~/-]/)],
      ['as Java does', encoded(/[A-Za-z0-9_.*-]/, '+')],
      ['as Go does', encoded(/[A-Za-z0-9_.~$&+=:@-]/)],
      ['as .NET does', encoded(/[A-Za-z0-9_.!*()-]/, '+', true)],
      ['in an address within an address', (some) => encodeURIComponent(encodeURIComponent(some))],
      ['in a form within an address', (some) => encodeURIComponent(encoded(/[A-Za-z0-9_.*-]/, '+')(some))],
      ['in the HTML of templates', entity(/[&<>"'`=/]/g, (point) => `&#x${hex(point).toUpperCase()};`)],
      ['in the HTML of PHP', entity(/[&<>"']/g, (point) => `&#0${point};`)],
      ['in the HTML of Go', entity(/[&<>"'+]/g, (point) => `&#${point};`)],
      ['in the JSON of .NET', entity(/[^A-Za-z0-9 _.~-]/g, (point) => `\\u${point.toString(16).toUpperCase().padStart(4, '0')}`)],
      ['in JSON within JSON', (some) => JSON.stringify(JSON.stringify(some))],
      ['in base64 in a query', (some) => encodeURIComponent(Buffer.from(some).toString('base64'))],
      [
        'in base64 in lines',
        (some) =>
          Buffer.from(`${'x'.repeat(40)}${some}`)
            .toString('base64')
            .replace(/.{48}/g, '$&\r\n'),
      ],
      ['in SQL', (some) => some.replaceAll("'", "''")],
    ])('%s', (_name, way) => {
      expect(scrubText(scrubTable(named(echoForms(value))), `before ${way(value)} behind`)).toContain('[secret]');
    });
  });

  it('does not wait for more once nothing can begin', () => {
    const scrubber = createScrubber(scrubTable(named(echoForms('sesame-open'))));
    expect(scrubber.push(Buffer.from('data: 1\n\n')).toString()).toBe('data: 1\n\n');
    expect(scrubber.push(Buffer.from('data: ses')).toString()).toBe('data: ');
    expect(scrubber.push(Buffer.from('ame-street')).toString()).toBe('sesame-street');
    expect(scrubber.end()).toHaveLength(0);
    expect(scrubber.found).toBeUndefined();
  });

  it('leaves what is too short to be told apart', () => {
    expect(echoForms('abc')).toEqual([]);
    expect(scrubText(scrubTable([]), 'abc')).toBe('abc');
  });
});
