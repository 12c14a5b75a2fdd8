import { BurgeonError, type Interface, type Provider } from '@burgeon/kit';
import { mergeInterfaces } from '../interface/merge.ts';
import type { Registry } from '../registry/registry.ts';
import { requireModule } from '../security/access.ts';
import type { Runtime } from './runtime.ts';

/** All active modules as one provider, whose description changes as modules come and go. */
export interface Catalogue extends Provider {
  subscribe(listener: () => void): () => void;
  explain(operation: string): Promise<BurgeonError | undefined>;
  /** Id of the module an operation belongs to; undefined for an operation of Burgeon's own. */
  moduleOf(operation: string): string | undefined;
  /** Reads the registry again and tells the listeners. */
  refresh(): Promise<void>;
}

/** What a catalogue shows beside the modules, under its own prefix. */
export interface CatalogueExtra {
  prefix: string;
  provider: Provider;
}

/**
 * Makes a catalogue. Operation ids are `name.operation`, or `namespace.name.operation` where two modules share a name. It is empty until the
 * first `refresh`.
 */
export const createCatalogue = (parts: {
  registry: Registry;
  runtime: Runtime;
  version: string;
  extra?: CatalogueExtra;
}): Catalogue => {
  const { registry, runtime, version, extra } = parts;
  const listeners = new Set<() => void>();
  let merged: Interface = mergeInterfaces([], { name: 'burgeon', version });
  let prefixes = new Map<string, string>();

  const refresh = async (): Promise<void> => {
    const active = (await registry.list()).filter((module) => module.state === 'active');
    const next = new Map<string, string>();
    const described: { prefix: string; interface: Interface }[] = [];
    for (const { id } of active) {
      const prefix = prefixOf(
        id,
        active.map((module) => module.id),
      );
      // A module that no longer verifies is not shown; its calls say why.
      const description = await runtime.describe(id).catch(() => undefined);
      if (!description) continue;
      next.set(prefix, id);
      described.push({ prefix, interface: description });
    }
    if (extra) described.push({ prefix: extra.prefix, interface: extra.provider.interface });
    merged = mergeInterfaces(described, { name: 'burgeon', version });
    prefixes = next;
    for (const listener of listeners) listener();
  };

  return {
    get interface() {
      return merged;
    },
    refresh,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    moduleOf: (operation) => prefixes.get(split(operation).prefix),
    explain: async (operation) => {
      const { prefix } = split(operation);
      if (prefix === '' || prefixes.has(prefix)) return undefined;
      return registry.load(prefix.replace('.', '/')).then(
        () => undefined,
        (error: unknown) => {
          const reason = BurgeonError.from(error);
          return reason.code === 'MODULE_NOT_FOUND' || reason.code === 'NAME_INVALID' ? undefined : reason;
        },
      );
    },
    call: async (operation, input, options) => {
      const { prefix, name } = split(operation);
      if (extra && prefix === extra.prefix) return extra.provider.call(name, input, options);
      // An id that is not shown may still name a module that waits for approval: the registry says which error fits.
      const module = prefixes.get(prefix) ?? prefix.replace('.', '/');
      requireModule(module);
      if (module === '') throw new BurgeonError('OPERATION_NOT_FOUND', { message: `There is no operation "${operation}".` });
      return runtime.call(module, name, input, options);
    },
  };
};

/** `name.operation` apart; operation ids hold no dot. */
const split = (operation: string): { prefix: string; name: string } => {
  const cut = operation.lastIndexOf('.');
  return { prefix: operation.slice(0, Math.max(cut, 0)), name: operation.slice(cut + 1) };
};

const prefixOf = (id: string, all: string[]): string => {
  const name = id.slice(id.indexOf('/') + 1);
  const alone = all.filter((other) => other.slice(other.indexOf('/') + 1) === name).length === 1;
  return alone ? name : id.replace('/', '.');
};
