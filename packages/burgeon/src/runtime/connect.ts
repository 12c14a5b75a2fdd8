import { BurgeonError, type Connection, type Grant, type Interface } from '@burgeon/kit';
import { createEgress, type HostRule } from '../security/egress.ts';
import type { RuntimeParts } from './runtime.ts';

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
  parts: Pick<RuntimeParts, 'protocols' | 'vault' | 'clock' | 'log'>,
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
  return protocol.connect(description, {
    egress: createEgress({ allow: hostRules(grants), clock: parts.clock, log: parts.log }),
    clock: parts.clock,
    log: parts.log,
    credential: async (scheme) => {
      const value = await parts.vault.read(`${id}/${scheme}`);
      return value === undefined ? undefined : { value };
    },
  });
};

/** Allow-list of the egress gate: the hosts of every network grant. */
const hostRules = (grants: Grant[]): HostRule[] =>
  grants
    .filter((grant) => grant.kind === 'net.http' || grant.kind === 'net.socket')
    .flatMap((grant) => (Array.isArray(grant.scope['hosts']) ? grant.scope['hosts'] : []))
    .filter((host) => typeof host === 'string')
    .map((host) => ({ host }));
