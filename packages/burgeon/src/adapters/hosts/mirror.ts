import { BurgeonError, defineHost, type Host, type Instance } from '@burgeon/kit';
import { createMirror } from '../../mirror/mirror.ts';

/** Runs the simulation of a module's interface: every operation answers from the description, and what is written is remembered. */
export const mirrorHost: Host = defineHost({
  name: 'mirror',
  start: async (module, _grants, _limits, context): Promise<Instance> => {
    const mirror = createMirror(module.interface, { clock: context.clock });
    let disposed = false;
    const alive = (): void => {
      if (disposed) throw new BurgeonError('CANCELLED', { message: `${module.manifest.name} was unloaded.` });
    };
    return {
      init: async () => {},
      call: async (operation, input, options) => {
        alive();
        return mirror.call(operation, input, options);
      },
      message: async () => null,
      capabilities: () => [],
      snapshot: async () => {
        alive();
        return mirror.snapshot();
      },
      restore: async (state) => {
        alive();
        mirror.restore(state);
      },
      dispose: async () => {
        disposed = true;
        mirror.reset();
      },
    };
  },
});
