/** How a module gets in to the live thing it was made from: a secret of its own, and one put aside for a version that nobody approved yet. */
import type { ModuleReference, PipelineContext } from './context.ts';

type Context = Pick<PipelineContext, 'registry' | 'vault'>;

const nameOf = (id: string): string => `${id}/connection`;

const asideOf = ({ id, version }: ModuleReference): string => `${id}/connection of ${version}`;

/**
 * Keeps the connection string of a version, when it is not what is known already: the password of the same place may be another one today. While
 * another version is active it is put aside, so that the active one still gets where it belongs.
 */
export const keepConnection = async (
  { registry, vault }: Context,
  version: ModuleReference,
  connection: string | undefined,
): Promise<void> => {
  if (connection === undefined || (await vault.read(nameOf(version.id))) === connection) return;
  const versions = await registry.versions(version.id).catch(() => []);
  const active = versions.find(({ state }) => state === 'active')?.version ?? version.version;
  await vault.set(active === version.version ? nameOf(version.id) : asideOf(version), connection);
};

/**
 * Does what makes another version the active one; what was put aside for that version counts from then on, and what counted before is put aside
 * for the version before.
 */
export const withConnection = async <T extends ModuleReference>(
  context: Context,
  id: string,
  activate: () => Promise<T>,
): Promise<T> => {
  const before = (await context.registry.versions(id).catch(() => [])).find(({ state }) => state === 'active');
  const after = await activate();
  const [counted, aside] = [await context.vault.read(nameOf(id)), await context.vault.read(asideOf(after))];
  if (aside === undefined) return after;
  await context.vault.set(nameOf(id), aside);
  await context.vault.revoke(asideOf(after));
  if (before !== undefined && counted !== undefined) await context.vault.set(asideOf(before), counted);
  return after;
};

/** A version was turned down: what was put aside for it is erased. */
export const dropConnection = async ({ vault }: Context, version: ModuleReference): Promise<void> => {
  if ((await vault.read(asideOf(version))) !== undefined) await vault.revoke(asideOf(version));
};

/** A module is removed: the next one of its name inherits none of its secrets. */
export const eraseSecrets = async ({ vault }: Context, id: string): Promise<void> => {
  for (const { name, revoked } of await vault.list()) if (!revoked && name.startsWith(`${id}/`)) await vault.revoke(name);
};
