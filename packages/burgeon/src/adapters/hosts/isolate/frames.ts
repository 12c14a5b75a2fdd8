/** Messages over a pipe: four bytes of length, then JSON. Both sides check the length before they read on. */

/** Bytes of one frame at most; a longer one ends the conversation. */
const frameBytes: number = 80 * 1024 * 1024;

const head = 4;

/** One message as bytes. */
export const frameOf = (message: unknown): Buffer => {
  const body = Buffer.from(JSON.stringify(message));
  const frame = Buffer.allocUnsafe(head + body.length);
  frame.writeUInt32LE(body.length, 0);
  body.copy(frame, head);
  return frame;
};

/** Puts frames together from whatever pieces a pipe gives. */
export class FrameReader {
  private pieces: Buffer[] = [];
  private held = 0;
  /** Bytes that must be there before reading on: a head, then a head and its body. */
  private wanted = head;

  /** Takes one piece; gives the messages that are now whole, or undefined when the other side does not keep to the form. */
  take(piece: Buffer): unknown[] | undefined {
    this.pieces.push(piece);
    this.held += piece.length;
    const messages: unknown[] = [];
    while (this.held >= this.wanted) {
      const bytes = this.pieces.length === 1 ? (this.pieces[0] as Buffer) : Buffer.concat(this.pieces, this.held);
      this.pieces = [bytes];
      const length = bytes.readUInt32LE(0);
      if (length > frameBytes) return undefined;
      this.wanted = head + length;
      if (this.held < this.wanted) break;
      try {
        messages.push(JSON.parse(bytes.toString('utf8', head, this.wanted)));
      } catch {
        return undefined;
      }
      this.pieces = [bytes.subarray(this.wanted)];
      this.held -= this.wanted;
      this.wanted = head;
    }
    return messages;
  }
}
