// The child of permission-child.ts, in plain JavaScript: without it Node would load what strips types. It blocks in read and write, which is the
// fastest way over standard input and output there is.
import { readSync, writeSync } from 'node:fs';

const headBytes = 4;
let out = [];

const send = (kind, id, text) => {
  const body = `${kind} ${id} \n${text}`;
  const frame = Buffer.allocUnsafe(headBytes + Buffer.byteLength(body));
  frame.writeUInt32LE(frame.length - headBytes, 0);
  frame.write(body, headBytes);
  out.push(frame);
};

let take = () => {};

const receive = (body) => {
  const line = body.indexOf('\n');
  const [kind, id, operation] = body.slice(0, line).split(' ');
  const text = body.slice(line + 1);
  // oxlint-disable-next-line typescript/no-implied-eval -- the module comes as text
  if (kind === 'load') take = new Function('send', text)(send);
  else take(kind, Number(id), operation, text);
};

/** The queue of the next tick is served once no promise has anything left to do. */
const atRest = () => new Promise((resolve) => process.nextTick(resolve));

const piece = Buffer.allocUnsafe(65_536);
let held = Buffer.alloc(0);
for (let count = readSync(0, piece); count > 0; count = readSync(0, piece)) {
  held = Buffer.concat([held, piece.subarray(0, count)]);
  while (held.length >= headBytes && held.length >= headBytes + held.readUInt32LE(0)) {
    const end = headBytes + held.readUInt32LE(0);
    receive(held.toString('utf8', headBytes, end));
    held = held.subarray(end);
  }
  await atRest();
  const bytes = Buffer.concat(out);
  out = [];
  for (let at = 0; at < bytes.length;) at += writeSync(1, bytes, at);
}
