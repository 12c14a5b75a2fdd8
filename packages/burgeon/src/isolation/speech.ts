/** How any program in JavaScript speaks frames as it likes, over the pipe that is its standard output. */
export const frameSpeech: string = String.raw`
const frame = (kind, id, cell, text, spent = 0) => {
  const body = Buffer.isBuffer(text) ? text : Buffer.from(text);
  const head = Buffer.alloc(17);
  head.writeUInt32LE(13 + body.length, 0);
  head[4] = kind;
  head.writeUInt32LE(id >>> 0, 5);
  head.writeUInt32LE(cell >>> 0, 9);
  head.writeUInt32LE(spent >>> 0, 13);
  return Buffer.concat([head, body]);
};
const pause = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
const patiently = (work) => { for (;;) { try { return work(); } catch (error) { if (error.code !== 'EAGAIN') process.exit(0); pause(1); } } };
const send = (...all) => { for (const bytes of all) for (let at = 0; at < bytes.length;) at += patiently(() => writeSync(1, bytes, at)); };
const done = 16, failed = 17, host = 18, log = 19, rest = 20;
`;

/** Put in front of the program of a captured runner: `orders(take)` calls `take` for every order it gets. */
export const orderlySpeech: string = String.raw`
const { readSync, writeSync } = require('node:fs');
${frameSpeech}
const orders = (take) => {
  let held = Buffer.alloc(0);
  const piece = Buffer.alloc(65536);
  for (;;) {
    const count = patiently(() => readSync(0, piece));
    if (count === 0) process.exit(0);
    held = Buffer.concat([held, piece.subarray(0, count)]);
    while (held.length >= 17 && held.length >= 4 + held.readUInt32LE(0)) {
      const end = 4 + held.readUInt32LE(0);
      const order = { kind: held[4], id: held.readUInt32LE(5), cell: held.readUInt32LE(9), text: held.toString('utf8', 17, end) };
      held = held.subarray(end);
      /* 1 is load, 7 drop: those are handled as an honest runner would. */
      if (order.kind === 1) send(frame(done, order.id, order.cell, 'null'));
      else if (order.kind === 7) send(frame(rest, order.id, order.cell, ''));
      else take(order);
    }
  }
};
`;
