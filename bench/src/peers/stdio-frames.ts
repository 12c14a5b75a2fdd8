/** What passes over standard input and output: what it is, its number, the operation, a text. */
export type Message = [kind: string, id: number, operation: string, text: string];

const headBytes = 4;

/** A message as bytes: its length, then a line of what it is, then the text. */
export const frameOf = ([kind, id, operation, text]: Message): Buffer => {
  const body = `${kind} ${id} ${operation}\n${text}`;
  const frame = Buffer.allocUnsafe(headBytes + Buffer.byteLength(body));
  frame.writeUInt32LE(frame.length - headBytes, 0);
  frame.write(body, headBytes);
  return frame;
};

/** Takes pieces of a stream and gives the messages that are whole. */
export const framesIn = (): ((piece: Buffer) => Message[]) => {
  let held: Buffer = Buffer.alloc(0);
  return (piece) => {
    held = held.length === 0 ? piece : Buffer.concat([held, piece]);
    const messages: Message[] = [];
    while (held.length >= headBytes && held.length >= headBytes + held.readUInt32LE(0)) {
      const end = headBytes + held.readUInt32LE(0);
      const body = held.toString('utf8', headBytes, end);
      held = held.subarray(end);
      const line = body.indexOf('\n');
      const [kind = '', id = '', operation = ''] = body.slice(0, line).split(' ');
      messages.push([kind, Number(id), operation, body.slice(line + 1)]);
    }
    return messages;
  };
};
