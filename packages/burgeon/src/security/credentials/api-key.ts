import { type CredentialKind, defineCredential } from './credential.ts';
import { placedIn } from './placed.ts';

/** A key in a header, the query or a cookie, as it is; a session cookie that somebody has got is one, too. @see https://spec.openapis.org/oas/v3.2.0#security-scheme-object */
export const apiKey: CredentialKind = defineCredential<string>({
  name: 'api-key',
  form: 'the key itself',
  read: (value) => (hasNoBreaks(value) ? value : undefined),
  prove: (value, { place, conceal }) => {
    conceal(value);
    return (hop, send) => send(placedIn(hop, place, value));
  },
});

/** True for what can stand in a header. @see RFC 9110 section 5.5 */
const hasNoBreaks = (value: string): boolean => !/[\0\r\n]/.test(value);
