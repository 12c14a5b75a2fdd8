import { BurgeonError, defineHost, type Connection, type Host, type Instance } from '@burgeon/kit';

/**
 * Runs data modules: the interface itself is the program, carried out by its protocol on the host side. Nothing of the module executes,
 * so there is nothing to escape from; the connection opens at the first call.
 */
export const interfaceHost: Host = defineHost({
  name: 'interface',
  start: async (module, grants, _limits, context): Promise<Instance> => {
    let opening: Promise<Connection> | undefined;
    let disposed = false;
    const connection = (): Promise<Connection> => {
      if (disposed) throw new BurgeonError('CANCELLED', { message: `${module.manifest.name} was unloaded.` });
      opening ??= context.connect(module.interface).catch((error: unknown) => {
        opening = undefined;
        throw error;
      });
      return opening;
    };
    return {
      init: async () => {},
      call: async (operation, input, options) => (await connection()).call(operation, input, options),
      message: async () => null,
      capabilities: () => grants.map(({ kind, scope }) => ({ kind, scope })),
      snapshot: async () => null,
      restore: async () => {},
      dispose: async () => {
        disposed = true;
        await (await opening?.catch(() => undefined))?.close();
      },
    };
  },
});
