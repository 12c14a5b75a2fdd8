import { BurgeonError, type JsonObject, type Provider } from '@burgeon/kit';
import { currentAccess, mayUse, otherModules, requireModule, requireRight } from '../security/access.ts';
import { flatten, managementInterface, moduleId, type Door, type ManagementOperation } from './define.ts';

/** Burgeon's own operations as a provider: described once, callable through every door. */
export interface Management extends Provider {
  /** The same operations, only those that one door shows. */
  through(door: Door): Provider;
  /** What there is, for tables and documents. */
  readonly operations: readonly ManagementOperation[];
  /** Judges by its name alone whether whoever is being served may call an operation. @throws {BurgeonError} FORBIDDEN */
  admit(operation: string): void;
}

/**
 * Makes the provider. Inputs may be flat or in wire form (payload under `body`). Every call is judged by the rights of whoever is being
 * served, whatever door it came through.
 */
export const createManagement = (operations: readonly ManagementOperation[], version: string): Management => {
  const provider = (shown: readonly ManagementOperation[]): Provider => {
    const byId = new Map(shown.map((operation) => [operation.id, operation]));
    return {
      interface: managementInterface(shown, version),
      call: async (id, input, options = {}) => {
        const operation = byId.get(id);
        if (!operation) throw new BurgeonError('OPERATION_NOT_FOUND', { message: `Burgeon has no operation "${id}".` });
        admit(operation);
        const flat = flatten(operation, input);
        requireAll(operation, flat);
        await requireItsModule(operation, flat);
        const output = await operation.handle(flat, options);
        const access = currentAccess();
        if (access.modules === undefined || operation.visible === undefined) return { output };
        return { output: operation.visible(output, (module) => mayUse(access, module)) };
      },
    };
  };
  return {
    ...provider(operations),
    operations,
    through: (door) => provider(operations.filter((operation) => operation.doors.includes(door))),
    admit: (id) => {
      const operation = operations.find((each) => each.id === id);
      if (operation) admit(operation);
    },
  };
};

const admit = ({ id, needs }: ManagementOperation): void => {
  if (needs !== 'nothing') requireRight(needs, id);
};

/** A key for some modules only calls what is about one of them, or what shows it its part. */
const requireItsModule = async (operation: ManagementOperation, input: JsonObject): Promise<void> => {
  if (currentAccess().modules === undefined || operation.needs === 'nothing' || operation.visible !== undefined) return;
  const { properties = {} } = operation.input ?? {};
  if (operation.about) return requireModule(await operation.about(input));
  if (Object.hasOwn(properties, 'namespace') && Object.hasOwn(properties, 'name')) return requireModule(moduleId(input));
  throw otherModules(`${operation.id} concerns the whole home.`);
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
