/** A name server that says what a test wants it to say: over UDP, one question at a time. */
import { createSocket, type Socket } from 'node:dgram';

/** What is said of a name; `asked` counts the questions for that name and type, from 0. */
export type Records = (asked: number) => { a?: readonly string[]; aaaa?: readonly string[]; alias?: string };

/** A running one. */
export interface NameServer {
  /** How often a name was asked for, by name. */
  asked: Map<string, number>;
  close(): void;
}

const types = { a: 1, alias: 5, aaaa: 28 } as const;

/** Starts one. `recordsOf` gives undefined for a name that is not there. @see RFC 1035 section 4 */
export const serveNames = async (address: string, recordsOf: (name: string) => Records | undefined): Promise<NameServer> => {
  const asked = new Map<string, number>();
  const socket: Socket = createSocket('udp4');
  socket.on('message', (question, from) => {
    const { name, type, end } = questionOf(question);
    const count = asked.get(`${name} ${type}`) ?? 0;
    asked.set(`${name} ${type}`, count + 1);
    const records = recordsOf(name)?.(count);
    const answers = records === undefined ? [] : answersOf(records, type);
    const header = Buffer.alloc(12);
    question.copy(header, 0, 0, 2);
    header.writeUInt16BE(records === undefined ? 0x8183 : 0x8180, 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(answers.length, 6);
    socket.send(Buffer.concat([header, question.subarray(12, end), ...answers]), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(53, address, resolve));
  return { asked, close: () => socket.close() };
};

const questionOf = (message: Buffer): { name: string; type: number; end: number } => {
  const labels: string[] = [];
  let at = 12;
  for (let length = message[at] ?? 0; length > 0; length = message[at] ?? 0) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length).toLowerCase());
    at += 1 + length;
  }
  return { name: labels.join('.'), type: message.readUInt16BE(at + 1), end: at + 5 };
};

const answersOf = ({ a = [], aaaa = [], alias }: ReturnType<Records>, type: number): Buffer[] => {
  const owner = alias === undefined ? sameName : nameBytes(alias);
  return [
    ...(alias === undefined ? [] : [record(sameName, types.alias, owner)]),
    ...(type === types.a ? a.map((each) => record(owner, type, Buffer.from(each.split('.').map(Number)))) : []),
    ...(type === types.aaaa ? aaaa.map((each) => record(owner, type, bytes6(each))) : []),
  ];
};

/** Points back at the name in the question. */
const sameName = Buffer.from([0xc0, 0x0c]);

/** Nobody may remember it: its time to live is 0. */
const record = (owner: Buffer, type: number, data: Buffer): Buffer => {
  const head = Buffer.alloc(10);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(1, 2);
  head.writeUInt16BE(data.length, 8);
  return Buffer.concat([owner, head, data]);
};

const nameBytes = (name: string): Buffer =>
  Buffer.concat([...name.split('.').map((label) => Buffer.from([label.length, ...Buffer.from(label)])), Buffer.from([0])]);

const bytes6 = (address: string): Buffer => {
  const [left = '', right] = address.split('::');
  const words = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const tail = words(right ?? '');
  const zeros = right === undefined ? [] : Array<string>(8 - words(left).length - tail.length).fill('0');
  const bytes = Buffer.alloc(16);
  [...words(left), ...zeros, ...tail].forEach((word, index) => bytes.writeUInt16BE(parseInt(word, 16), index * 2));
  return bytes;
};
