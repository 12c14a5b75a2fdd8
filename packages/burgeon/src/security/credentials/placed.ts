import { BurgeonError } from '@burgeon/kit';
import { placeProof } from '../../bindings/http/runtime/auth.ts';
import type { HttpScheme } from '../../bindings/http/runtime/types.ts';
import { type Hop, notTheCallers } from '../egress-hop.ts';

/**
 * A request with a value where a scheme says: header, query, cookie or the Authorization header.
 * @throws {BurgeonError} CAPABILITY_DENIED when a description wants it in a header that belongs to the connection
 */
export const placedIn = (hop: Hop, scheme: HttpScheme, value: string): Hop => {
  if (scheme.place === 'header' && notTheCallers.has(scheme.name.toLowerCase()))
    throw new BurgeonError('CAPABILITY_DENIED', { message: `No credential may go into the header ${scheme.name}.` });
  const url = new URL(hop.url);
  // What follows would become part of it.
  url.hash = '';
  const request = { url: url.href, headers: Object.fromEntries(hop.request.headers) };
  placeProof(request, { scheme, value });
  return { url: new URL(request.url), request: { ...hop.request, headers: Object.entries(request.headers) } };
};
