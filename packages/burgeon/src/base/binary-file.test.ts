import { describe, expect, it } from 'vitest';
import { bytesOf, contentOf, isBinary, sizeOf, textOfContent } from './binary-file.ts';

describe('files of bundles', () => {
  const bytes = Buffer.from([0x00, 0x61, 0x73, 0x6d, 0xff]);

  it('are text, and base64 where they are binary', () => {
    expect(textOfContent('index.ts', Buffer.from('zażółć'))).toBe('zażółć');
    expect(textOfContent('module.wasm', bytes)).toBe('AGFzbf8=');
    expect(textOfContent('image.png', bytes)).toBeUndefined();
    expect(textOfContent('latin.txt', Buffer.from([0x61, 0xff]))).toBeUndefined();
    expect([isBinary('a/b.wasm'), isBinary('b.wasm.ts'), isBinary('wasm')]).toEqual([true, false, false]);
  });

  it('come out as they went in', () => {
    expect(contentOf({ path: 'module.wasm', text: 'AGFzbf8=' })).toEqual(bytes);
    expect(contentOf({ path: 'index.ts', text: 'zażółć' })).toBe('zażółć');
    expect(sizeOf({ path: 'module.wasm', text: 'AGFzbf8=' })).toBe(5);
    expect(sizeOf({ path: 'index.ts', text: 'zażółć' })).toBe(10);
  });

  it('have one text only', () => {
    expect(bytesOf('AGFzbf8=')).toEqual(bytes);
    for (const text of ['AGFzbf8', 'AGFz bf8=', 'AGFzbf9=', 'AGFzbf8=\n', '<svg>']) expect(bytesOf(text)).toBeUndefined();
  });
});
