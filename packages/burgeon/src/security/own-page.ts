import { BurgeonError } from '@burgeon/kit';

/**
 * Requires that a page of this very server sent a request. A browser names the page in `Origin` with each request that can change
 * something, and a page cannot change the name; whatever does not name it is no page of ours.
 * @throws {BurgeonError} FORBIDDEN
 * @see W3C Fetch Metadata Request Headers; OWASP, Cross-Site Request Forgery Prevention
 */
export const requireOwnPage = ({ headers, url }: Pick<Request, 'headers' | 'url'>): void => {
  const origin = headers.get('origin');
  const site = headers.get('sec-fetch-site') ?? 'same-origin';
  // A server behind a proxy is reached over https and asked over http: the host is what both agree on.
  if (origin !== null && URL.parse(origin)?.host === new URL(url).host && site === 'same-origin') return;
  throw new BurgeonError('FORBIDDEN', {
    message: `This was not sent by a page of this server, but by ${origin === null ? 'none that says which' : `"${origin.slice(0, 200)}"`}.`,
    hint: 'Open the page anew and answer there.',
  });
};
