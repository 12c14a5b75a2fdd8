import type { Capability, JsonValue } from '@burgeon/kit';
import { diffCapabilities } from './capabilities.ts';

/** What destroys, changes what others rely on, or acts under somebody's name, by kind of capability. */
const graveKinds: Readonly<Record<string, (scope: Readonly<Record<string, JsonValue>>) => boolean>> = {
  db: ({ verbs }) => includesAny(verbs, ['delete', 'define', 'execute', '*']),
  'net.http': ({ methods }) => methods === undefined || includesAny(methods, ['DELETE']),
  fs: ({ mode }) => mode === 'write',
  'secret.use': () => true,
};

const includesAny = (value: JsonValue | undefined, wanted: readonly string[]): boolean =>
  Array.isArray(value) && value.some((each) => typeof each === 'string' && wanted.includes(each));

/** True when a version gains a grave power over the one before: to delete, to define, to write files, to use a credential. */
export const gainsGravePower = (before: readonly Capability[], after: readonly Capability[]): boolean => {
  const { added, widened } = diffCapabilities(before, after);
  return [...added, ...widened].some(({ kind, scope }) => Object.hasOwn(graveKinds, kind) && graveKinds[kind]?.(scope) === true);
};
