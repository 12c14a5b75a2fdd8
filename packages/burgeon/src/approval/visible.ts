import { spellUnseen } from '../base/unseen.ts';

const longest = 200;

/** Text from outside as a person may read it: unseen characters as `\u{202e}`, quotes escaped, 200 characters at most. */
export const visible = (text: string): string => {
  const cut = text.length > longest ? `${text.slice(0, longest)}...(${text.length})` : text;
  return spellUnseen(cut.replace(/[\\'"]/g, (character) => `\\${character}`));
};

/** A name from outside: bare when it is a plain word, else in quotes, made visible. No sentence can pass as one of ours. */
export const quoted = (text: string): string => (/^[A-Za-z0-9_.:*@/+-]{1,120}$/.test(text) ? text : `'${visible(text)}'`);
