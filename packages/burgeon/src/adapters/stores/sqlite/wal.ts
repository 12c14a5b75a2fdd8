import { readFileSync } from 'node:fs';

/** Bytes before the frames, and before the page of a frame. @see https://sqlite.org/fileformat2.html#the_write_ahead_log */
const headerBytes = 32;
const frameHeaderBytes = 24;
const pageBytes = 4_096;

/** Two running sums, as the format keeps them. */
type Sums = [number, number];

/** A frame of the log. */
interface Frame {
  /** It is what was written behind the frame before it. */
  whole: boolean;
  /** It belongs to the run of writes that the header speaks of; what lies behind those is of an earlier run. */
  ofRun: boolean;
  /** A transaction ends with it. */
  commit: boolean;
}

/**
 * Why a write-ahead log that a process left behind is damaged; undefined when it is not, or is not there. SQLite takes the first frame that is
 * not whole for the end, and forgets all behind it without a word. A transaction is on disk before the next one begins: only in the last
 * one a frame that is not whole may be a write that a loss of power cut short, before anything was acknowledged.
 */
export const walDamage = (path: string): string | undefined => {
  const bytes = read(path);
  if (bytes.length < headerBytes + frameHeaderBytes + pageBytes) return undefined;
  const frames = readFrames(bytes);
  if (!isHeader(bytes)) {
    return frames.some(({ whole, commit }) => whole && commit) ? 'its first bytes are not what was written' : undefined;
  }
  const last = frames.findLastIndex(({ whole, ofRun, commit }) => whole && ofRun && commit);
  const before = frames.slice(0, Math.max(last, 0)).findLastIndex(({ whole, ofRun, commit }) => commit && (whole || ofRun));
  const bad = frames.slice(0, before + 1).findIndex(({ whole, ofRun }) => !whole || !ofRun);
  return bad === -1 ? undefined : `frame ${bad + 1} of ${frames.length} is not what was written`;
};

const read = (path: string): Buffer => {
  try {
    return readFileSync(path);
  } catch {
    return Buffer.alloc(0);
  }
};

/** Burgeon runs on little-endian machines only, and never chooses another size of pages. */
const isHeader = (bytes: Buffer): boolean =>
  bytes.readUInt32BE(0) === 0x377f0682 &&
  bytes.readUInt32BE(8) === pageBytes &&
  isAt(bytes, 24, addUp(bytes.subarray(0, 24), [0, 0]));

/** All frames, each judged by the sums that the one before it carries. */
const readFrames = (bytes: Buffer): Frame[] => {
  const frames: Frame[] = [];
  const size = frameHeaderBytes + pageBytes;
  for (let at = headerBytes, seed = 24; at + size <= bytes.length; seed = at + 16, at += size) {
    const own = addUp(bytes.subarray(at, at + 8), [bytes.readUInt32BE(seed), bytes.readUInt32BE(seed + 4)]);
    frames.push({
      whole: isAt(bytes, at + 16, addUp(bytes.subarray(at + frameHeaderBytes, at + size), own)),
      ofRun: bytes.subarray(at + 8, at + 16).equals(bytes.subarray(16, 24)),
      commit: bytes.readUInt32BE(at + 4) !== 0,
    });
  }
  return frames;
};

const isAt = (bytes: Buffer, at: number, [one, two]: Sums): boolean =>
  bytes.readUInt32BE(at) === one && bytes.readUInt32BE(at + 4) === two;

/** @see https://sqlite.org/fileformat2.html#checksum_algorithm */
const addUp = (bytes: Buffer, [one, two]: Sums): Sums => {
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at < bytes.length; at += 8) {
    one = (one + words.getUint32(at, true) + two) >>> 0;
    two = (two + words.getUint32(at + 4, true) + one) >>> 0;
  }
  return [one, two];
};
