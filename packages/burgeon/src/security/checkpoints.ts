import { type FileHandle, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { BurgeonError, type Clock, type JsonObject, type Store } from '@burgeon/kit';
import { isoNow } from '../base/clock.ts';
import { syncFolder, writeFailure } from '../base/durable-file.ts';
import { isObject } from '../base/json.ts';
import { auditLog, walkAudit } from './audit-log.ts';
import type { Checkpoint } from './audit-verify.ts';
import type { OwnerKey, TrustedKey } from './keys.ts';
import { type Frontier, appendLeaf, rootOf, sizeOf } from './merkle.ts';
import { type Envelope, signStatement, statementType, verifyEnvelope } from './sign.ts';

const checkpointType = 'https://burgeon.dev/attestations/audit-checkpoint/v1';

/** Where the tree is kept between two checkpoints, so that only new entries are read. */
const kept = { table: auditLog, id: 'tree' } as const;

/** What checkpoints are made from. */
export interface CheckpointOptions {
  store: Store;
  clock: Clock;
  key: OwnerKey;
}

/** The checkpoints of a home: made when there is something new, and appended to the file that the owner chose. */
export interface Checkpoints {
  /** Makes one; it is exported where a file was chosen or is given. @throws {BurgeonError} HOME_UNWRITABLE */
  make(path?: string): Promise<Made>;
  /** Exports one if there are new entries and a file was chosen. */
  exportDue(): Promise<void>;
  /** Those of a file, by default the chosen one; none where nothing was chosen. @throws as {@link readCheckpoints} */
  read(path?: string): Promise<Checkpoint[]>;
}

/** A checkpoint and its signed form. */
export interface Made {
  checkpoint: Checkpoint;
  envelope: Envelope;
}

/** Keeps the checkpoints of a home. `file`: where the owner wants them; `trusted`: keys that may have signed them. */
export const keepCheckpoints = (
  options: CheckpointOptions & { file(): string | undefined; trusted(): readonly TrustedKey[] },
): Checkpoints => {
  let exported = 0;
  const make = async (path = options.file()): Promise<Made> => {
    const made = await makeCheckpoint(options);
    if (path !== undefined) await exportCheckpoint(path, made.envelope);
    if (path === options.file()) exported = made.checkpoint.size;
    return made;
  };
  return {
    make,
    exportDue: async () => {
      const last = await options.store.lastLog(auditLog);
      if (options.file() !== undefined && (last?.sequence ?? 0) > exported) await make();
    },
    read: async (path = options.file()) => (path === undefined ? [] : readCheckpoints(path, options.trusted())),
  };
};

/** Signs what the audit holds now. */
const makeCheckpoint = async ({ store, clock, key }: CheckpointOptions): Promise<Made> => {
  const record = await store.get(kept.table, kept.id);
  let frontier = (record?.value['frontier'] ?? []) as unknown as Frontier;
  const before = sizeOf(frontier);
  for await (const { entry } of walkAudit(store, before)) frontier = appendLeaf(frontier, entry['hash'] as string);
  const checkpoint: Checkpoint = { size: sizeOf(frontier), root: rootOf(frontier), at: isoNow(clock) };
  if (checkpoint.size > before) {
    const value = { frontier } as unknown as JsonObject;
    // Two at once: both are true, and the tree of either goes on.
    await store.transact([{ kind: 'put', ...kept, value }]);
  }
  const envelope = signStatement(key, {
    _type: statementType,
    subject: [{ name: auditLog, digest: { sha256: checkpoint.root } }],
    predicateType: checkpointType,
    predicate: { size: checkpoint.size, at: checkpoint.at },
  });
  return { checkpoint, envelope };
};

/** Put behind what a crash cut off, so that the next line is one of its own. */
const cutMark = ' (cut by a crash)';

/**
 * Appends a checkpoint to a file, one JSON document a line; what is there is never rewritten, so the file may lie on another disk or be
 * open for appending only.
 * @throws {BurgeonError} HOME_FULL, HOME_UNWRITABLE
 */
const exportCheckpoint = async (path: string, envelope: Envelope): Promise<void> => {
  try {
    const handle = await open(path, 'a+', 0o600);
    try {
      const begin = (await endsWhole(handle)) ? '' : `${cutMark}\n`;
      await handle.writeFile(`${begin}${JSON.stringify(envelope)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await syncFolder(dirname(path));
  } catch (cause) {
    const { code } = writeFailure(path, cause);
    throw new BurgeonError(code, {
      message: `The checkpoint cannot be written to ${path}${code === 'HOME_FULL' ? ': there is no space left' : ''}.`,
      hint: 'Name a file in a folder that exists and may be written.',
      cause,
    });
  }
};

const endsWhole = async (handle: FileHandle): Promise<boolean> => {
  const { size } = await handle.stat();
  if (size === 0) return true;
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer.toString() === '\n';
};

/**
 * The checkpoints of a file, each signed by a key that is trusted here. A line that was cut by a crash is passed over, and so is one that a
 * revoked key signed: it tells nothing.
 * @throws {BurgeonError} SOURCE_NOT_FOUND; SIGNATURE_INVALID with the line
 */
const readCheckpoints = async (path: string, trusted: readonly TrustedKey[]): Promise<Checkpoint[]> => {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new BurgeonError('SOURCE_NOT_FOUND', { message: `There is no file of checkpoints at ${path}.`, cause });
  });
  const lines = text.split('\n').slice(0, -1);
  return lines.flatMap((line, index) => {
    if (line.endsWith(cutMark)) return [];
    const read = parse(line, trusted);
    if (read) return read;
    throw new BurgeonError('SIGNATURE_INVALID', {
      message: `Line ${index + 1} of ${path} is no checkpoint that was signed here.`,
      hint: 'Is it the file of another home?',
      data: { differs: 'checkpoint', line: index + 1 },
    });
  });
};

/** The checkpoint of a line, or none of a key that counts no more; undefined when nobody here signed it. */
const parse = (line: string, trusted: readonly TrustedKey[]): Checkpoint[] | undefined => {
  try {
    // What a key signed before it was retired stays true.
    const keys = trusted.map(({ id, publicKey }) => ({ id, publicKey }));
    const envelope = JSON.parse(line) as Envelope;
    const { predicateType, predicate, subject } = verifyEnvelope(envelope, keys);
    const signers = trusted.filter(({ id }) => envelope.signatures.some(({ keyid }) => keyid === id));
    const { size, at } = predicate;
    const root = subject[0]?.digest.sha256;
    const fits = predicateType === checkpointType && isObject(predicate) && typeof size === 'number' && typeof at === 'string';
    if (!fits || root === undefined) return undefined;
    const counts = signers.every(({ revoked }) => revoked === undefined || (revoked.since !== undefined && at < revoked.since));
    return counts ? [{ size, root, at }] : [];
  } catch {
    return undefined;
  }
};
