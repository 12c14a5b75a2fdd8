import type { VersionRecord } from './records.ts';
import type { Registry } from './registry.ts';

/** How long a module may go uncalled before it is put away. */
const unusedMs = 30 * 24 * 60 * 60 * 1_000;

/** The active modules that nobody called for 30 days; one that was never called counts from the day it was released or brought back. */
export const unusedModules = async (registry: Pick<Registry, 'list'>, now: number): Promise<string[]> =>
  (await registry.list())
    .filter((record) => record.state === 'active' && now - lastUseOf(record) >= unusedMs)
    .map(({ id }) => id);

const lastUseOf = ({ lastUsedAt, createdAt, activeSince }: VersionRecord): number =>
  Math.max(...[lastUsedAt, activeSince, createdAt].map((at) => (at === undefined ? 0 : Date.parse(at))));
