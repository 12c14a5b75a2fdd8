import { isIP } from 'node:net';
import { BurgeonError } from '@burgeon/kit';
import ipaddr from 'ipaddr.js';

/** What passkeys belong to: the name that authenticators bind them to, and the one origin whose pages may use them. */
export interface Party {
  id: string;
  origin: string;
}

/**
 * The party that pages at `address` are. Passkeys need a name and a secure page: an address of this machine becomes `localhost`; undefined
 * for another bare IP address, and for a name without https.
 * @see W3C Web Authentication Level 3, sections 5.1.2 and 13.4.9
 */
export const partyOf = (address: string | undefined): Party | undefined => {
  const url = address === undefined ? null : URL.parse(address);
  if (!url) return undefined;
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (isIP(host) !== 0) {
    if (ipaddr.process(host).range() !== 'loopback') return undefined;
    url.hostname = 'localhost';
  }
  const secure = url.protocol === 'https:' || (url.protocol === 'http:' && url.hostname === 'localhost');
  return secure ? { id: url.hostname, origin: url.origin } : undefined;
};

/** The party, when there has to be one. @throws {BurgeonError} UNSUPPORTED */
export const requireParty = (address: string | undefined): Party => {
  const party = partyOf(address);
  if (party) return party;
  throw address === undefined
    ? new BurgeonError('UNSUPPORTED', {
        message: 'No server of this home runs, so there is no page.',
        hint: 'Run burgeon serve.',
      })
    : new BurgeonError('UNSUPPORTED', {
        message: `Browsers allow no passkeys on pages at ${address}.`,
        hint: 'Use a name with https, or localhost on this machine.',
      });
};
