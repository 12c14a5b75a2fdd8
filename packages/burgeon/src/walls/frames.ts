/**
 * Messages over a pipe, the same for every runner and every language: 17 bytes of head, then text in UTF-8. All numbers are unsigned, 32 bits,
 * little-endian, but the kind, which is one byte. Both sides check the length before they read on.
 *
 * | bytes | field  | meaning                                                                              |
 * | ----- | ------ | ------------------------------------------------------------------------------------ |
 * | 0-3   | length | bytes that follow                                                                    |
 * | 4     | kind   | one of {@link orders} to a runner, one of {@link reports} from it                     |
 * | 5-8   | id     | which order, or which question                                                       |
 * | 9-12  | cell   | which module inside the runner                                                       |
 * | 13-16 | spent  | from a runner: microseconds of processor time of the cell since it last reported, or 0 |
 */

/** Bytes of a frame before its text. */
const headBytes = 17;

/** Bytes of one frame at most; a longer one ends the conversation. */
const frameBytes: number = 80 * 1024 * 1024;

/** What a runner is told. Texts in two parts have a line feed between them. */
export const orders = {
  /** Plan as JSON. Answered by done or failed. */
  load: 1,
  /** Name of the operation, then its input. */
  call: 2,
  /** Topic, then body. */
  message: 3,
  snapshot: 4,
  /** Version of the state (0: the module's own), then the state. */
  restore: 5,
  /** The module's own farewell. */
  dispose: 6,
  /** The cell is to be forgotten. Not answered. */
  drop: 7,
  /** To a question: `+` or `-`, then JSON. Not answered. */
  answer: 8,
} as const;

/** What a runner says. */
export const reports = {
  /** The result of an order, as JSON. */
  done: 16,
  /** A failure, as JSON. */
  failed: 17,
  /** A question to the host: kind of power, method, arguments as JSON, on three lines. */
  host: 18,
  log: 19,
  /** The order was handled as far as it goes for now: its guest waits. Every order ends in this, in `done` or in `failed`, in turn. */
  rest: 20,
} as const;

/** One message. */
export interface Frame {
  kind: number;
  id: number;
  cell: number;
  spent: number;
  text: string;
}

/** Collects frames as bytes, so that many leave in one write. */
export class FrameWriter {
  private buffer: Buffer = Buffer.allocUnsafe(64 * 1024);
  private used = 0;

  /** Adds one frame. */
  add(frame: Frame): void {
    const room = headBytes + frame.text.length * 3;
    if (this.buffer.length - this.used < room) this.grow(this.used + room);
    const { buffer, used: at } = this;
    const bytes = buffer.write(frame.text, at + headBytes, 'utf8');
    buffer.writeUInt32LE(headBytes - 4 + bytes, at);
    buffer[at + 4] = frame.kind;
    buffer.writeUInt32LE(frame.id >>> 0, at + 5);
    buffer.writeUInt32LE(frame.cell >>> 0, at + 9);
    buffer.writeUInt32LE(Math.min(frame.spent, 0xffff_ffff) >>> 0, at + 13);
    this.used = at + headBytes + bytes;
  }

  /** All bytes so far, which are then forgotten. `shared`: they are good until the next `add`; otherwise they are the caller's. */
  take(shared: boolean): Buffer | undefined {
    if (this.used === 0) return undefined;
    const bytes = this.buffer.subarray(0, this.used);
    this.used = 0;
    if (shared && this.buffer.length <= 1024 * 1024) return bytes;
    if (!shared && bytes.length < 4 * 1024) return Buffer.from(bytes);
    this.buffer = Buffer.allocUnsafe(64 * 1024);
    return bytes;
  }

  private grow(bytes: number): void {
    const larger = Buffer.allocUnsafe(Math.max(bytes, this.buffer.length * 2));
    this.buffer.copy(larger, 0, 0, this.used);
    this.buffer = larger;
  }
}

/** Puts frames together from whatever pieces a pipe gives. */
export class FrameReader {
  private pieces: Buffer[] = [];
  private held = 0;
  /** Bytes that must be there before reading on. */
  private wanted = headBytes;

  /**
   * Takes one piece, which the caller may use again afterwards; gives the frames that are now whole, or undefined when the other side does
   * not keep to the form.
   */
  take(piece: Buffer): Frame[] | undefined {
    if (this.held + piece.length < this.wanted) {
      this.keep(Buffer.from(piece));
      return [];
    }
    const bytes = this.held === 0 ? piece : Buffer.concat([...this.pieces, piece], this.held + piece.length);
    const frames: Frame[] = [];
    let at = 0;
    this.wanted = headBytes;
    while (bytes.length - at >= headBytes) {
      const length = bytes.readUInt32LE(at);
      if (length < headBytes - 4 || length > frameBytes) return undefined;
      const end = at + 4 + length;
      if (end > bytes.length) {
        this.wanted = end - at;
        break;
      }
      frames.push(frameAt(bytes, at, end));
      at = end;
    }
    this.pieces = [];
    this.held = 0;
    if (at < bytes.length) this.keep(Buffer.from(bytes.subarray(at)));
    return frames;
  }

  private keep(piece: Buffer): void {
    this.pieces.push(piece);
    this.held += piece.length;
  }
}

const frameAt = (bytes: Buffer, at: number, end: number): Frame => ({
  kind: bytes[at + 4] ?? 0,
  id: bytes.readUInt32LE(at + 5),
  cell: bytes.readUInt32LE(at + 9),
  spent: bytes.readUInt32LE(at + 13),
  text: bytes.toString('utf8', at + headBytes, end),
});

/** A text in two parts, apart: what stands before the first line feed, and the rest. */
export const partsOf = (text: string): [head: string, body: string] => {
  const cut = text.indexOf('\n');
  return cut < 0 ? [text, ''] : [text.slice(0, cut), text.slice(cut + 1)];
};
