import { BurgeonError, manifestExtension, type Manifest } from '@burgeon/kit';
import type { Registry } from '../../registry/registry.ts';
import { manifestPath } from '../../security/bundle.ts';
import { type Dependent, keyOf, resolveDependencies } from './dependencies.ts';
import { isRunning, type LifeContext, type Line } from './line.ts';
import type { PreparedModule } from './prepared.ts';

/**
 * Chooses what a module needs, and has it started. Gives the version of each dependency by its id.
 * @throws {BurgeonError} DEPENDENCY_UNMET, and whatever starting one of them throws
 */
export const meetNeeds = async (
  context: LifeContext,
  prepared: PreparedModule,
  start: (needed: Line) => Promise<void>,
): Promise<Line['picks']> => {
  const picks = await choose(context, prepared);
  for (const [id, version] of picks) await start(await context.find(`${id}@${version}`));
  return picks;
};

/**
 * Chooses again for every running module that needs `id`: other versions of it may be there now. What was chosen counts once the given function
 * is called. Where nothing fits any more, the choice before stays.
 */
export const chooseAgain = async (context: LifeContext, id: string): Promise<() => void> => {
  const chosen: { line: Line; prepared: PreparedModule; picks: Line['picks'] }[] = [];
  for (const line of context.all()) {
    const { prepared } = line;
    if (!prepared || !isRunning(line) || !line.picks.has(id)) continue;
    try {
      chosen.push({ line, prepared, picks: await choose(context, prepared) });
    } catch (error) {
      context.parts.log.warn(BurgeonError.from(error).message, { module: line.key });
    }
  }
  return () => {
    for (const { line, prepared, picks } of chosen) if (line.prepared === prepared) line.picks = picks;
  };
};

const choose = async (context: LifeContext, { id, version, card }: PreparedModule): Promise<Line['picks']> => {
  if (Object.keys(card.dependencies).length === 0) return new Map();
  const root: Dependent = { id, version, dependencies: card.dependencies };
  const { picks } = resolveDependencies(await gather(context.parts.registry, root), [root]);
  return picks.get(keyOf(root)) ?? new Map();
};

/** Every version that may be run of everything that is reached from `root`. */
const gather = async (registry: Pick<Registry, 'versions' | 'file'>, root: Dependent): Promise<Dependent[]> => {
  const found: Dependent[] = [];
  const waiting = Object.keys(root.dependencies);
  const seen = new Set<string>();
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    for (const each of await versionsOf(registry, id)) {
      found.push(each.id === root.id && each.version === root.version ? root : each);
      waiting.push(...Object.keys(each.dependencies));
    }
  }
  return found;
};

const versionsOf = async (registry: Pick<Registry, 'versions' | 'file'>, id: string): Promise<Dependent[]> => {
  const versions = await registry.versions(id).catch((error: unknown) => {
    if (BurgeonError.from(error).code === 'MODULE_NOT_FOUND') return [];
    throw error;
  });
  if (versions.some(({ state }) => state === 'archived')) return [];
  const usable = versions.filter(({ state }) => state === 'active' || state === 'superseded');
  return Promise.all(
    usable.map(async ({ version, state }) => {
      // Read, not yet believed: whatever is loaded is verified then.
      const manifest = JSON.parse((await registry.file({ id, version }, manifestPath)) ?? '{}') as Partial<Manifest>;
      const dependencies = manifest.extensions?.[manifestExtension]?.dependencies ?? {};
      return { id, version, dependencies, preferred: state === 'active' };
    }),
  );
};
