import { BurgeonError } from '@burgeon/kit';
import type { VersionRecord } from '../../registry/records.ts';
import { type Line, operate } from './line.ts';
import type { Lines } from './lines.ts';
import { chooseAgain } from './needs.ts';
import { reloadNow } from './reload.ts';
import { step } from './states.ts';
import { unload, unloadNow } from './unload.ts';

/**
 * Follows the registry after a change to a module: a released or rolled-back version takes the place of the one that runs, with its state;
 * what was archived or removed ends. A version that cannot take over is put back: the one before is active again, and goes on.
 * @throws {BurgeonError} what kept the new version from taking over
 */
export const follow = async (lines: Lines, id: string): Promise<void> => {
  lines.forget();
  for (const line of lines.of(id)) line.epoch += 1;
  const record = await lines.parts.registry.show(id).catch((error: unknown) => {
    if (BurgeonError.from(error).code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  });
  if (!record) return erase(lines, id);
  // What was never approved changes nothing about what runs.
  if (record.state === 'archived') return endAllLines(lines, id);
  await endRefused(lines, id);
  const line = lines.following(id);
  if (record.state !== 'active' || !line) return;
  const switched = await chooseAgain(lines, id);
  // After whatever is going on there, which may still be about the version before.
  await operate(line, () => takeOver(lines, line, { ...record, switched }));
  switched();
  const twin = lines.of(id).find(({ pinned }) => pinned === record.version);
  if (twin) await unload(lines, twin, { forced: true });
};

const takeOver = async (
  lines: Lines,
  line: Line,
  { version, switched }: Pick<VersionRecord, 'version'> & { switched(): void },
): Promise<void> => {
  const before = line.prepared;
  if (line.state === 'unloaded') line.prepared = undefined;
  if (!before || line.state === 'unloaded') return;
  if (line.state !== 'ready') return before.version === version ? undefined : letGo(lines, line);
  // The credential of a connection may be another one now, whatever the version.
  const isData = before.card.kind === 'data';
  if (before.version === version && !isData) return;
  try {
    await reloadNow(lines, line, { version, switched });
  } catch (error) {
    if (isData) return void (await unloadNow(lines, line));
    await putBack(lines, { id: line.id, from: version, to: before.version, error: BurgeonError.from(error) });
    throw error;
  }
};

/** The registry says again what runs. */
const putBack = async (
  { parts, forget }: Lines,
  { id, from, to, error }: { id: string; from: string; to: string; error: BurgeonError },
): Promise<void> => {
  await parts.registry.rollback(id, to);
  const data = { from, to, code: error.code, reason: error.message.slice(0, 1_000) };
  await parts.audit.commit([{ kind: 'module.put-back', module: id, data }]);
  forget();
};

/** What a version did is not held against the next one. */
const letGo = async (lines: Lines, line: Line): Promise<void> => {
  line.hold = undefined;
  line.ends = [];
  line.prepared = undefined;
  await lines.holds.remove(line.key);
  if (line.state !== 'unloaded') step(line, 'unloaded');
};

const endAllLines = async (lines: Lines, id: string): Promise<void> => {
  for (const line of lines.of(id)) await unload(lines, line, { forced: true });
};

/** What was signed with a key that was revoked since ends at once, whatever it is at. */
const endRefused = async (lines: Lines, id: string): Promise<void> => {
  for (const line of lines.of(id)) {
    const version = line.prepared?.version;
    const refused = version !== undefined && (await lines.parts.registry.refusal({ id, version }));
    if (refused) await unload(lines, line, { forced: true, atOnce: true });
  }
};

const erase = async (lines: Lines, id: string): Promise<void> => {
  for (const line of lines.of(id)) {
    await unload(lines, line, { forced: true, keep: false });
    await operate(line, () => letGo(lines, line));
    lines.drop(line);
  }
  await lines.holds.remove(id);
  await lines.states.forget(id);
};
