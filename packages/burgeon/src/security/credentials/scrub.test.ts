import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { echoForms } from './forms.ts';
import { type Form, createScrubber, scrubTable, scrubText } from './scrub.ts';

const named = (forms: Buffer[]): Form[] => forms.map((bytes) => ({ name: 'x', bytes }));

const inChunks = (text: Buffer, cuts: readonly number[], forms: Buffer[]): string => {
  const scrubber = createScrubber(scrubTable(named(forms)));
  const longest = Math.max(0, ...forms.map(({ length }) => length));
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
          const forms = values.map((value) => Buffer.from(value));
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
            for (const form of forms) expect(clean.replaceAll('[secret]', '\0')).not.toContain(form.toString('latin1'));
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
