import { BurgeonError, type JsonValue } from '@burgeon/kit';
import { isObject } from '../base/json.ts';
import { reachOf } from './addresses.ts';
import type { Destination } from './host-rules.ts';

/** The rule by which a gate lets something not leave. */
export type DenialRule =
  'not-granted' | 'private-address' | 'metadata-address' | 'scheme' | 'credential-in-url' | 'no-url' | 'names';

const hints: Readonly<Record<'not-granted' | 'private-address' | 'metadata-address', string>> = {
  'not-granted': 'Only what its capabilities name is allowed; private addresses must be named themselves.',
  'private-address': 'Only what its capabilities name is allowed; private addresses must be named themselves.',
  'metadata-address': 'This address hands out the credentials of the machine; it is never allowed.',
};

/** Why a destination may not be reached; `address` when it is that one which may not, be it written out or what the name leads to. */
export const denied = (to: Destination, address?: string): BurgeonError => {
  const where = placeText(to);
  const leads = address === undefined || address === to.host ? '' : ` It leads to ${address}.`;
  const rule = address === undefined ? 'not-granted' : reachOf(address) === 'metadata' ? 'metadata-address' : 'private-address';
  const what = to.method === undefined ? '' : `${to.method} ${to.path ?? ''} on `;
  return new BurgeonError('CAPABILITY_DENIED', {
    message: `The module may not reach ${what}${where}.${leads}`,
    hint: hints[rule],
    data: { rule, host: to.host, port: to.port, ...(address === undefined ? {} : { address }) },
  });
};

/** A destination as people write it. */
export const placeText = ({ host, port }: Pick<Destination, 'host' | 'port'>): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`;

/**
 * What the audit is told of an error, with the rule and the place but nothing of path or query, which may hold secrets; undefined when the
 * error is no denial.
 */
export const denialText = (error: unknown): string | undefined => {
  if (!BurgeonError.is(error)) return undefined;
  const { code, message, data } = error;
  const rule = ruleOf(data);
  if (rule === undefined) return code === 'CAPABILITY_DENIED' ? message : undefined;
  const { host, port, address } = data as Record<string, JsonValue>;
  const place = typeof host === 'string' ? ` ${placeText({ host, port: Number(port) })}` : '';
  const leads = typeof address === 'string' && address !== host ? ` at ${address}` : '';
  return `net.http${place}${leads}: ${rule}`;
};

const ruleOf = (data: JsonValue | undefined): string | undefined => {
  const rule = isObject(data) ? data['rule'] : undefined;
  return typeof rule === 'string' ? rule : undefined;
};
