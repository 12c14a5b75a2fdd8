import type { Interface, Operation, Provider } from '@burgeon/kit';
import type { Catalogue } from '../runtime/catalogue.ts';
import { mayUse } from '../security/access.ts';

/**
 * A catalogue as a key for some modules sees it: their operations, and those of Burgeon's own, which judge for themselves. Calls are judged
 * where they are carried out.
 */
export const narrowed = (catalogue: Catalogue, modules: readonly string[]): Provider => {
  const shown = new WeakMap<Interface, Interface>();
  const isShown = ({ id }: Pick<Operation, 'id'>): boolean => {
    const module = catalogue.moduleOf(id);
    return module === undefined || mayUse({ role: 'operator', modules }, module);
  };
  const narrow = (whole: Interface): Interface => ({
    ...whole,
    operations: whole.operations.filter(isShown),
    channels: [],
    entities: [],
  });
  return {
    get interface() {
      const whole = catalogue.interface;
      // The same object for the same description: what views make of it is kept with it.
      const known = shown.get(whole) ?? narrow(whole);
      shown.set(whole, known);
      return known;
    },
    call: (operation, input, options) => catalogue.call(operation, input, options),
    subscribe: (listener) => catalogue.subscribe(listener),
  };
};
