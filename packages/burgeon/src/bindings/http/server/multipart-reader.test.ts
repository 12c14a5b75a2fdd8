import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readMultipart } from './multipart-reader.ts';

const read = (text: string): unknown =>
  readMultipart(Buffer.from(text, 'latin1'), 'x')?.map(({ bytes, ...part }) => ({ ...part, text: bytes.toString('latin1') }));

describe('multipart bodies', () => {
  it.each([
    ['a preamble and an epilogue', 'ignored\r\n--x\r\n\r\na\r\n--x--\r\nignored', [{ text: 'a' }]],
    ['an empty part', '--x\r\n\r\n\r\n--x--', [{ text: '' }]],
    ['no part at all', '--x--', []],
    [
      'names with quotes, escapes and spaces',
      '--x\r\nContent-Disposition: form-data ; name = "a\\"b%22" ; filename=c.txt\r\nCONTENT-TYPE:  text/plain\r\n\r\nd\r\n--x--',
      [{ name: 'a"b"', fileName: 'c.txt', contentType: 'text/plain', text: 'd' }],
    ],
    ['headers that say nothing', '--x\r\nX-A: b\r\nContent-Disposition: inline\r\n\r\nd\r\n--x--', [{ text: 'd' }]],
    ['the boundary inside the data', '--x\r\n\r\na--x\r\n--x--', [{ text: 'a--x' }]],
  ])('%s', (_name, body, parts) => expect(read(body)).toEqual(parts));

  it.each([
    ['no boundary', 'abc'],
    ['no end of the head', '--x\r\nA: b'],
    ['no line after the boundary', '--x'],
    ['no end', '--x\r\n\r\nabc'],
    ['a head without an end', `--x\r\nA: ${'b'.repeat(20_000)}\r\n\r\nc\r\n--x--`],
    ['too many parts', `${'--x\r\n\r\na\r\n'.repeat(10_001)}--x--`],
  ])('refuses %s', (_name, body) => expect(read(body)).toBeUndefined());

  it('never fails on anything', () => {
    const pieces = fc.constantFrom('--x', '--', '\r\n', '\r\n\r\n', 'a', 'Content-Disposition: form-data; name="', '"');
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
        const found = readMultipart(Buffer.from(parts.join('')), 'x');
        expect(found === undefined || Array.isArray(found)).toBe(true);
      }),
    );
  });
});
