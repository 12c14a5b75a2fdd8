import { type CredentialKind, defineCredential } from './credential.ts';
import { placedIn } from './placed.ts';

/** A user's name and password. @see RFC 7617 */
export const basic: CredentialKind = defineCredential<string>({
  name: 'basic',
  form: 'user:password',
  read: (value) => (/^[^:\p{Cc}]*:\P{Cc}*$/u.test(value) ? value : undefined),
  prove: (value, { place, conceal }) => {
    conceal(value);
    conceal(value.slice(value.indexOf(':') + 1));
    return (hop, send) => send(placedIn(hop, place, value));
  },
});
