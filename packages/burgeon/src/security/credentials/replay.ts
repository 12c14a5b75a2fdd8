import type { Hop } from '../egress-hop.ts';

/** A request whose payload is in memory as bytes, so that it can be signed and sent more than once. */
export const replayable = async (hop: Hop): Promise<Hop> => {
  const { body } = hop.request;
  if (body === undefined || body instanceof Uint8Array) return hop;
  const bytes = typeof body === 'string' ? Buffer.from(body) : new Uint8Array(await new Response(body).arrayBuffer());
  return { url: hop.url, request: { ...hop.request, body: bytes } };
};
