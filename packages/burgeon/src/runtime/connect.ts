import { BurgeonError, type Connection, type Grant, type Interface } from '@burgeon/kit';
import { databaseFileOf } from '../bindings/sql/database/connection.ts';
import { createCredentialGate } from '../security/credentials/gate.ts';
import { createEgress } from '../security/egress.ts';
import { hostRules } from '../security/host-rules.ts';
import { isOurs } from '../security/own-files.ts';
import type { RuntimeParts } from './parts.ts';

/** What is connected, for whom, under which grants. */
export interface ConnectionRequest {
  id: string;
  protocol: string | undefined;
  description: Interface;
  grants: Grant[];
}

/**
 * Opens the connection of a data module: its protocol, through an egress gate that knows only the granted hosts, with credentials from the
 * vault under the module's own names.
 * @throws {BurgeonError} UNSUPPORTED when the protocol is not one we have or cannot connect; CAPABILITY_DENIED for a file of Burgeon's own
 */
export const openConnection = async (
  parts: Pick<RuntimeParts, 'protocols' | 'vault' | 'audit' | 'clock' | 'log' | 'home'>,
  request: ConnectionRequest,
): Promise<Connection> => {
  const { id, protocol: name = '', description, grants } = request;
  const protocol = Object.hasOwn(parts.protocols, name) ? await parts.protocols[name]?.() : undefined;
  if (!protocol?.connect) {
    throw new BurgeonError('UNSUPPORTED', {
      message: `${id} speaks "${name}", which this version cannot connect to.`,
      hint: 'Update Burgeon.',
    });
  }
  for (const { url } of description.locations) await requireOutside(parts, id, url);
  const gate = createEgress({ allow: hostRules(grants), clock: parts.clock, log: parts.log });
  const egress = createCredentialGate({ ...parts, module: id, description, grants, egress: gate });
  const connection = await protocol.connect(description, {
    egress,
    clock: parts.clock,
    log: parts.log,
    credential: async (scheme) => {
      const value = await parts.vault.read(`${id}/${scheme}`);
      if (value !== undefined) await requireOutside(parts, id, value);
      return value === undefined ? undefined : { value };
    },
  });
  return {
    call: (operation, input, options) =>
      connection.call(operation, input, options).catch((error: unknown) => {
        throw withSecretName(id, error);
      }),
    close: async () => {
      await connection.close();
      await egress.close();
    },
  };
};

/** Links may lead elsewhere than when it was approved: so each connection is looked at. */
const requireOutside = async ({ home }: Pick<RuntimeParts, 'home'>, id: string, location: string): Promise<void> => {
  const path = home === undefined ? undefined : databaseFileOf(location);
  if (home === undefined || path === undefined || !(await isOurs(home, path))) return;
  throw new BurgeonError('CAPABILITY_DENIED', {
    message: `${id} may not open the data directory of Burgeon itself.`,
    hint: 'Whoever could write there would need no approval for anything.',
  });
};

/** A protocol knows its schemes only; here it is known under which names their secrets are kept. */
const withSecretName = (module: string, error: unknown): unknown => {
  if (!BurgeonError.is(error) || error.code !== 'SECRET_MISSING') return error;
  const { schemes } = (error.data ?? {}) as { schemes?: string[] };
  const [scheme] = schemes ?? [];
  if (scheme === undefined) return error;
  const name = `${module}/${scheme}`;
  return new BurgeonError('SECRET_MISSING', {
    message: error.message,
    hint: `burgeon secret set ${/\s/.test(name) ? JSON.stringify(name) : name}`,
    ...(error.data === undefined ? {} : { data: error.data }),
    cause: error,
  });
};
