import { type CredentialKind, defineCredential } from './credential.ts';
import { placedIn } from './placed.ts';

/** A token behind a word in the Authorization header; a value that begins with the word is taken as it is. @see RFC 6750 section 2.1 */
export const bearer: CredentialKind = defineCredential<string>({
  name: 'bearer',
  form: 'the token itself',
  read: (value) => (/^[\t\x20-\x7e]+$/.test(value) ? value : undefined),
  prove: (value, { place, conceal }) => {
    conceal(value);
    conceal(value.replace(/^\S+ /, ''));
    return (hop, send) => send(placedIn(hop, place, value));
  },
});
