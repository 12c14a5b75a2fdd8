/** Where a node of an interface comes from. */
import type { Interface } from '@burgeon/kit';

/** Pointer into the source for a pointer into the interface: the origin of the longest known prefix plus the rest; undefined when nothing above is known. */
export const originOf = (description: Interface, pointer: string): string | undefined => {
  for (let length = pointer.length; length >= 0; length = pointer.lastIndexOf('/', length - 1)) {
    const prefix = pointer.slice(0, length);
    if (Object.hasOwn(description.origins, prefix)) return (description.origins[prefix] as string) + pointer.slice(length);
    if (length === 0) return undefined;
  }
  return undefined;
};
