import type { SourceInput } from '@burgeon/kit';

/** A document as it was found: bytes of a file or an answer, or text that was given. */
export type DocumentContent = Uint8Array | string;

/** A document that nothing has looked into yet. */
export interface PointedDocument {
  kind: 'document';
  location: string;
  content: DocumentContent;
  mediaType?: string;
  /** True: the address that a person named led into a private network when it was fetched. */
  inside?: boolean;
}

/** What was pointed at. */
export type Pointed = PointedDocument | (SourceInput & { kind: 'connection' | 'folder' });

/** An address as it may be shown: without user, password and options. What is no address stays as it is. */
export const withoutSecrets = (what: string): string => {
  const web = /^https?:/i.test(what) ? URL.parse(what) : undefined;
  if (web) return web.origin + web.pathname;
  const [, scheme, rest = ''] = /^([a-z][a-z0-9+.-]*:\/\/)(.*)$/is.exec(what) ?? [];
  if (scheme === undefined) return what;
  // Up to the last @: a password that is not encoded may hold anything.
  return scheme + rest.slice(rest.lastIndexOf('@') + 1).replace(/[?#].*$/s, '');
};
