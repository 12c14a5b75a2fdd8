import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Frame, FrameReader, FrameWriter, partsOf } from './frames.ts';

const number = fc.integer({ min: 0, max: 0xffff_ffff });
const frame: fc.Arbitrary<Frame> = fc.record({
  kind: fc.integer({ min: 0, max: 255 }),
  id: number,
  cell: number,
  spent: number,
  text: fc.oneof(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.string({ minLength: 30_000, maxLength: 40_000 })),
});
const written = (frames: readonly Frame[]): Buffer => {
  const writer = new FrameWriter();
  for (const each of frames) writer.add(each);
  return writer.take(false) ?? Buffer.alloc(0);
};
const head = (length: number): Buffer => {
  const bytes = Buffer.alloc(17);
  bytes.writeUInt32LE(length);
  return bytes;
};

describe('frames', () => {
  it('come out as they went in, however the pipe cuts them', () => {
    fc.assert(
      fc.property(
        fc.array(frame, { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 50_000 }), { minLength: 1 }),
        (frames, cuts) => {
          const bytes = written(frames);
          const reader = new FrameReader();
          const read: Frame[] = [];
          for (let at = 0, cut = 0; at < bytes.length; cut += 1) {
            const size = cuts[cut % cuts.length] ?? 1;
            // The piece is used again by whoever read it.
            const piece = Buffer.from(bytes.subarray(at, at + size));
            read.push(...(reader.take(piece) ?? []));
            piece.fill(0xff);
            at += size;
          }
          expect(read).toEqual(frames);
        },
      ),
      { numRuns: 100 },
    );
  });
  it('are written into one buffer again and again', () => {
    const writer = new FrameWriter();
    const one: Frame = { kind: 2, id: 1, cell: 1, spent: 0, text: 'a' };
    expect(writer.take(true)).toBeUndefined();
    for (const text of ['a', 'b'.repeat(200_000), 'c']) {
      writer.add({ ...one, text });
      const bytes = Buffer.from(writer.take(true) ?? []);
      expect(new FrameReader().take(bytes)).toEqual([{ ...one, text }]);
    }
  });
  it.each([
    ['shorter than a head', head(12)],
    ['longer than allowed', head(80 * 1024 * 1024 + 1)],
    ['of four gigabytes', head(0xffff_ffff)],
  ])('%s end the conversation', (_name, bytes) => expect(new FrameReader().take(bytes)).toBeUndefined());
  it('take garbage without failing', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 8 }), (pieces) => {
        const reader = new FrameReader();
        for (const piece of pieces) if (!reader.take(Buffer.from(piece))) return;
      }),
    );
  });
  it('hold texts in two parts', () => {
    expect(partsOf('a\nb\nc')).toEqual(['a', 'b\nc']);
    expect(partsOf('a')).toEqual(['a', '']);
  });
});
