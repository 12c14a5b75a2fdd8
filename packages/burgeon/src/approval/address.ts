import { domainToASCII } from 'node:url';

/**
 * An address of a person in the one spelling that is compared: however it is written, who reads there is the same. A number has digits alone
 * after its `+`; a mailbox has a domain in ASCII, and no part behind a `+`, which mail servers deliver to the mailbox before it.
 * @see RFC 3966 section 5; RFC 5233; RFC 5891
 */
export const canonicalAddress = (text: string): string => {
  const bare = text
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .trim()
    .toLowerCase()
    .replace(/^(?:mailto|tel|sms|sip|sips):/, '');
  if (/^\+?[\d\s()./-]+$/.test(bare)) return bare.replace(/[\s()./-]/g, '').replace(/^00/, '+');
  return mailbox(bare) ?? bare;
};

const mailbox = (text: string): string | undefined => {
  const [, user, domain = ''] = /^([^\s@+]+)(?:\+[^\s@]*)?@([^\s@]+)$/.exec(text) ?? [];
  const ascii = domainToASCII(domain.replace(/\.$/, ''));
  return user === undefined || ascii === '' ? undefined : `${user}@${ascii}`;
};
