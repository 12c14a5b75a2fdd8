import { BurgeonError, type JsonObject, type Provider } from '@burgeon/kit';
import { flatten, managementInterface, type Door, type ManagementOperation } from './define.ts';

/** Burgeon's own operations as a provider: described once, callable through every door. */
export interface Management extends Provider {
  /** The same operations, only those that one door shows. */
  through(door: Door): Provider;
}

/** Makes the provider. Inputs may be flat or in wire form (payload under `body`). */
export const createManagement = (operations: readonly ManagementOperation[], version: string): Management => {
  const provider = (shown: readonly ManagementOperation[]): Provider => {
    const byId = new Map(shown.map((operation) => [operation.id, operation]));
    return {
      interface: managementInterface(shown, version),
      call: async (id, input, options = {}) => {
        const operation = byId.get(id);
        if (!operation) throw new BurgeonError('OPERATION_NOT_FOUND', { message: `Burgeon has no operation "${id}".` });
        const flat = flatten(operation, input);
        requireAll(operation, flat);
        return { output: await operation.handle(flat, options) };
      },
    };
  };
  return {
    ...provider(operations),
    through: (door) => provider(operations.filter((operation) => operation.doors.includes(door))),
  };
};

const requireAll = (operation: ManagementOperation, input: JsonObject): void => {
  const missing = (operation.input?.required ?? []).filter((name) => !Object.hasOwn(input, name));
  if (missing.length === 0) return;
  throw new BurgeonError('INPUT_INVALID', {
    message: `${operation.id} needs ${missing.join(', ')}.`,
    hint: operation.summary,
    data: { issues: missing.map((name) => ({ path: `/${name}`, message: 'is required' })) },
  });
};
