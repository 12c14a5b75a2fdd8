import { BurgeonError, manifestExtension, type Capability, type Logger, type Manifest } from '@burgeon/kit';
import type { Registry } from '../../registry/registry.ts';
import { manifestPath } from '../../security/bundle.ts';
import type { Members } from './directory.ts';

/** What the members are read from. */
export interface MembersParts {
  registry: Pick<Registry, 'list' | 'resolve' | 'file' | 'load'>;
  log: Logger;
}

const onBus = ({ kind }: Capability): boolean => kind === 'bus';

/**
 * The active modules that were granted the bus. A look at the manifest tells those that were not; only the others are verified from their
 * signature down. One that does not verify takes no part.
 */
export const membersOf = ({ registry, log }: MembersParts): Members => ({
  ids: async () => (await registry.list()).filter(({ state, kind }) => state === 'active' && kind === 'code').map(({ id }) => id),
  find: async (id) => {
    try {
      const reference = await registry.resolve(id);
      const text = (await registry.file(reference, manifestPath)) ?? '{}';
      const said = (JSON.parse(text) as Partial<Manifest>).extensions?.[manifestExtension];
      if (!said?.capabilities.some(onBus)) return undefined;
      const { manifest, interface: description } = await registry.load(reference);
      const { capabilities } = manifest.extensions[manifestExtension];
      return { ...reference, channels: description.channels, types: description.types, grants: capabilities.filter(onBus) };
    } catch (error) {
      const { code, message } = BurgeonError.from(error);
      if (!quiet.has(code)) log.warn(`${id} takes no part in messages: ${message}`, { code });
      return undefined;
    }
  },
});

/** What says only that a module is not in use. */
const quiet: ReadonlySet<string> = new Set([
  'MODULE_NOT_FOUND',
  'VERSION_NOT_FOUND',
  'MODULE_ARCHIVED',
  'APPROVAL_PENDING',
  'APPROVAL_REJECTED',
]);
