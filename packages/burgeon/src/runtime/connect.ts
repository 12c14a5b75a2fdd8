import { BurgeonError, type Connection, type Grant, type Interface } from '@burgeon/kit';
import { createCredentialGate } from '../security/credentials/gate.ts';
import { createEgress } from '../security/egress.ts';
import { hostRules } from '../security/host-rules.ts';
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
 * @throws {BurgeonError} UNSUPPORTED when the protocol is not one we have or cannot connect
 */
export const openConnection = async (
  parts: Pick<RuntimeParts, 'protocols' | 'vault' | 'audit' | 'clock' | 'log'>,
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
  const gate = createEgress({ allow: hostRules(grants), clock: parts.clock, log: parts.log });
  const egress = createCredentialGate({ ...parts, module: id, description, grants, egress: gate });
  const connection = await protocol.connect(description, {
    egress,
    clock: parts.clock,
    log: parts.log,
    credential: async (scheme) => {
      const value = await parts.vault.read(`${id}/${scheme}`);
      return value === undefined ? undefined : { value };
    },
  });
  return {
    call: (operation, input, options) => connection.call(operation, input, options),
    close: async () => {
      await connection.close();
      await egress.close();
    },
  };
};
