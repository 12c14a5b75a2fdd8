import { bareHost } from '../host-rules.ts';

/** True when what goes to an address is encrypted, or never leaves this machine. */
export const isSealed = (url: URL): boolean =>
  url.protocol === 'https:' || (url.protocol === 'http:' && /^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/.test(bareHost(url)));
