import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { imageOf, packImage, restoreImage, unpackImage } from './memory-image.ts';

const blockBytes = 65_536;

/** A ground and what it became: some bytes written, some blocks longer. */
const memories = fc
  .record({
    ground: fc.array(fc.nat(255), { minLength: 1, maxLength: 50 }),
    longer: fc.nat(2),
    writes: fc.array(fc.tuple(fc.nat(3 * blockBytes), fc.nat(255)), { maxLength: 40 }),
  })
  .map(({ ground, longer, writes }) => {
    const before = Buffer.alloc(blockBytes, Buffer.from(ground));
    const after = Buffer.concat([before, Buffer.alloc(longer * blockBytes)]);
    for (const [at, byte] of writes) after[at % after.length] = byte;
    return { before, after };
  });

describe('an image of a memory', () => {
  it('makes of the ground what was taken, through text', () => {
    fc.assert(
      fc.property(memories, ({ before, after }) => {
        const image = imageOf(after, before);
        const again = Buffer.concat([before, Buffer.alloc(after.length - before.length)]);
        const unpacked = unpackImage(packImage(image, { of: 'it' }), 4 * blockBytes);
        expect(unpacked?.card).toEqual({ of: 'it' });
        if (unpacked) restoreImage(again, unpacked.image);
        expect(again.equals(after)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('is of as many pages as were changed', () => {
    const before = Buffer.alloc(blockBytes);
    const after = Buffer.alloc(3 * blockBytes);
    after[5] = 1;
    after[2 * blockBytes] = 1;
    expect(imageOf(after, before)).toMatchObject({ size: 3 * blockBytes, numbers: [0, 32] });
  });

  it('is packed in another order when it is large, and comes back', () => {
    const after = Buffer.alloc(40 * blockBytes);
    for (let at = 0; at < after.length; at += 8) after.writeDoubleLE(at / 3, at);
    const image = imageOf(after, Buffer.alloc(blockBytes));
    const text = packImage(image, null);
    expect(unpackImage(text, after.length)?.image.pages.equals(image.pages)).toBe(true);
  });

  it.each([
    ['no base64', '\u0000'],
    ['nothing', ''],
    ['no image', 'KLUv/SAAAQAA'],
    ['more than may be', packImage({ size: 2 * blockBytes, numbers: [], pages: Buffer.alloc(0) }, {})],
    ['half a block', packImage({ size: 100, numbers: [], pages: Buffer.alloc(0) }, {})],
    ['a page beyond the end', packImage({ size: blockBytes, numbers: [16], pages: Buffer.alloc(4_096) }, {})],
    ['a page too few', packImage({ size: blockBytes, numbers: [1, 2], pages: Buffer.alloc(4_096) }, {})],
  ])('is not taken from %s', (_name, text) => {
    expect(unpackImage(text, blockBytes)).toBeUndefined();
  });
});
