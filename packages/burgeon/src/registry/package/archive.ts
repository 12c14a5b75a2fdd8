import { crc32, gzip, inflateRaw } from 'node:zlib';
import { promisify } from 'node:util';
import { packageInvalid, shown } from './invalid.ts';
import { createPathJudge } from './paths.ts';

/** Bounds of one archive. */
export interface ArchiveBounds {
  /** Bytes of the file. */
  packed: number;
  /** Bytes of what is in it. */
  unpacked: number;
  /** How many times larger it may become. */
  ratio: number;
  entries: number;
}

/** The bounds of a package: several times what a module may hold. */
const packageBounds: ArchiveBounds = { packed: 16 << 20, unpacked: 48 << 20, ratio: 120, entries: 1_024 };

/** A file of an archive, `path` as it stands there. */
export interface ArchiveFile {
  path: string;
  content: Buffer;
}

/** When every file of an archive was changed, so that the same files are the same bytes: what npm writes. */
const constantTime = new Date('1985-10-26T08:15:00.000Z');

const block = 512;
const padded = (size: number): number => Math.ceil(size / block) * block;

/** What `tar-stream` reads of an entry, as far as it is looked at; no field is believed to be there. */
interface Entry {
  name: string;
  type?: string | null;
  mode?: number;
  linkname?: string | null;
  size?: number;
  /** Where the content begins. */
  byteOffset: number;
  pax?: Record<string, string> | null;
}

/**
 * Writes files as a gzipped ustar archive. Same files and same zlib, same bytes.
 * @throws {BurgeonError} PACKAGE_INVALID for names that no archive may hold
 */
export const writeArchive = async (files: readonly ArchiveFile[]): Promise<Buffer> => {
  const { pack } = await import('tar-stream');
  const archive = pack();
  const judge = createPathJudge();
  for (const { path, content } of files.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    judge(path);
    archive.entry({ name: path, mode: 0o644, mtime: constantTime, type: 'file' }, content);
  }
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  const zipped = await promisify(gzip)(Buffer.concat(chunks), { level: 9 });
  // Which system wrote it is nobody's business. RFC 1952 section 2.3: 255 = unknown.
  zipped[9] = 255;
  return zipped;
};

/**
 * Reads an archive in memory, wholly or not at all. It holds plain files and nothing else: what tools read differently, each in its own
 * way, is refused.
 * @throws {BurgeonError} PACKAGE_INVALID; `data.reason` says what, `data.where` at which entry
 */
export const readArchive = async (bytes: Uint8Array, bounds: ArchiveBounds = packageBounds): Promise<ArchiveFile[]> => {
  if (bytes.length > bounds.packed)
    throw packageInvalid('large', `It is ${bytes.length} bytes; at most ${bounds.packed} are read.`);
  return readTar(await unzip(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), bounds), bounds);
};

/** @see RFC 1952: one member, nothing in its header that is not needed, its sums right, nothing after it. */
const unzip = async (bytes: Buffer, { unpacked, ratio }: ArchiveBounds): Promise<Buffer> => {
  const header = bytes.length >= 18 && bytes.readUInt16BE(0) === 0x1f8b && bytes[2] === 8;
  if (!header) throw packageInvalid('gzip', 'It is no gzipped archive.');
  if (bytes[3] !== 0) throw packageInvalid('gzip', 'Its gzip header has optional parts.');
  const most = Math.min(unpacked, Math.max(1 << 20, bytes.length * ratio));
  const { buffer, read } = await inflate(bytes.subarray(10), most);
  const end = 10 + read;
  if (bytes.length - end < 8) throw packageInvalid('gzip', 'It is cut off.');
  if (bytes.readUInt32LE(end) !== crc32(buffer) || bytes.readUInt32LE(end + 4) !== buffer.length >>> 0)
    throw packageInvalid('gzip', 'Its sums are not right.');
  if (bytes.length > end + 8) throw packageInvalid('trailing', `${bytes.length - end - 8} bytes follow after its end.`);
  return buffer;
};

const inflate = (bytes: Buffer, most: number): Promise<{ buffer: Buffer; read: number }> =>
  new Promise((resolve, reject) => {
    const done = (error: NodeJS.ErrnoException | null, result: unknown): void => {
      if (error) {
        const large = error.code === 'ERR_BUFFER_TOO_LARGE';
        reject(
          packageInvalid(large ? 'large' : 'gzip', large ? `It unpacks to more than ${most} bytes.` : 'It cannot be unpacked.'),
        );
        return;
      }
      const { buffer, engine } = result as { buffer: Buffer; engine: { bytesWritten: number } };
      resolve({ buffer, read: engine.bytesWritten });
    };
    inflateRaw(bytes, { maxOutputLength: most, info: true }, done);
  });

const readTar = async (tar: Buffer, bounds: ArchiveBounds): Promise<ArchiveFile[]> => {
  const { extract } = await import('tar-stream');
  const files: ArchiveFile[] = [];
  const judge = createPathJudge();
  let end = 0;
  const take = (entry: Entry): void => {
    if (files.length === bounds.entries) throw packageInvalid('entries', `It has more than ${bounds.entries} entries.`);
    judgeEntry(entry, tar, end);
    judge(entry.name);
    const { byteOffset, size = 0 } = entry;
    files.push({ path: entry.name, content: tar.subarray(byteOffset, byteOffset + size) });
    end = byteOffset + padded(size);
    if (tar.subarray(byteOffset + size, end).some((byte) => byte !== 0))
      throw packageInvalid('trailing', `Something stands between the entry ${shown(entry.name)} and the next.`, entry.name);
  };
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const archive = extract();
  archive.on('entry', (entry, stream, next) => {
    try {
      take(entry as unknown as Entry);
    } catch (error) {
      reject(error);
      archive.destroy();
      return;
    }
    stream.on('end', () => next());
    stream.resume();
  });
  archive.on('error', (error: Error) => reject(packageInvalid('tar', `It is no sound archive: ${error.message}.`)));
  archive.on('finish', () => resolve());
  archive.end(tar);
  await promise;
  requireEnd(tar, end);
  return files;
};

/** Bits of a mode that let a file run as somebody else, or stay. */
const specialBits = 0o7000;

const judgeEntry = (entry: Entry, tar: Buffer, end: number): void => {
  const { name, type, mode = 0, linkname, size = 0, byteOffset, pax } = entry;
  if (type !== 'file')
    throw packageInvalid(
      'kind',
      `The entry ${shown(name)} is ${type ? `of the kind ${type}` : 'of no known kind'}; only files are taken.`,
      name,
    );
  if (linkname) throw packageInvalid('kind', `The entry ${shown(name)} names a file elsewhere.`, name);
  if ((mode & specialBits) !== 0)
    throw packageInvalid('mode', `The entry ${shown(name)} has the mode ${mode.toString(8)}.`, name);
  // Tools differ on what a size means that is not written as ustar has it.
  const written = tar.subarray(byteOffset - block + 124, byteOffset - block + 136).toString('latin1');
  if (!/^ *[0-7]+[\0 ]*$/.test(written))
    throw packageInvalid('size', `The entry ${shown(name)} writes its size in another way.`, name);
  if (size > tar.length)
    throw packageInvalid('size', `The entry ${shown(name)} says it has ${size} bytes; the archive has ${tar.length}.`, name);
  // Between two files stands nothing but, for a name that is too long, the one record that says it.
  const between = tar.subarray(end, byteOffset - block);
  if (between.length > 0 && !between.equals(longNameOf(name, between)))
    throw packageInvalid('header', `Before the entry ${shown(name)} stands a header that a package does not have.`, name);
  if (pax && Object.keys(pax).some((key) => key !== 'path'))
    throw packageInvalid('header', `An extended header changes more than the name of ${shown(name)}.`, name);
};

/** What stands before an entry with a long name, with the body that name must have. @see POSIX pax, extended header */
const longNameOf = (name: string, between: Buffer): Buffer => {
  const text = ` path=${name}\n`;
  const bytes = Buffer.byteLength(text);
  let length = bytes + String(bytes).length;
  if (String(length).length > String(bytes).length) length = bytes + String(length).length;
  const body = Buffer.alloc(padded(length));
  body.write(`${length}${text}`);
  const isOne = between.length === block + body.length && between[156] === 0x78;
  return isOne ? Buffer.concat([between.subarray(0, block), body]) : Buffer.alloc(0);
};

/** Two blocks of zeros end an archive; tools fill it up to twenty blocks with more of them. */
const requireEnd = (tar: Buffer, end: number): void => {
  const rest = tar.subarray(end);
  if (rest.length < 2 * block) throw packageInvalid('tar', 'It is cut off.');
  if (rest.length > 22 * block || rest.some((byte) => byte !== 0))
    throw packageInvalid('trailing', 'Something follows after its end.');
};
