import { BurgeonError } from '@burgeon/kit';

/** What a text that is no data document begins with, and what to tell whoever pointed at it. */
const kinds: readonly { looks: RegExp; what: string; hint: string }[] = [
  {
    looks: /^\s*<(?:!doctype\s+html|html|head|body|script|meta|title)\b/i,
    what: 'It looks like a web page',
    hint: 'Point at the raw document instead: look for a "raw" or "download" link on that page, or for a .json or .yaml address.',
  },
  { looks: /^\s*<[?!a-z]/i, what: 'It looks like XML or HTML', hint: 'Point at a JSON or YAML document.' },
  {
    looks: /^(?:\p{Cc}[\u008b\uFFFD]|PK\p{Cc}{2}|BZh\d)/u,
    what: 'It looks like an archive',
    hint: 'Unpack it and point at the document inside.',
  },
  { looks: /^%PDF-/, what: 'It looks like a PDF', hint: 'Point at a JSON or YAML document.' },
];

/**
 * Refuses what is certainly neither JSON nor YAML: nothing, pages, archives, bytes.
 * @throws {BurgeonError} SOURCE_INVALID
 */
export const refuseForeign = (text: string, mediaType: string | undefined): void => {
  const refuse = (what: string, hint: string): never => {
    const said = mediaType === undefined ? '' : ` (it came as ${mediaType.slice(0, 100)})`;
    throw new BurgeonError('SOURCE_INVALID', {
      message: `The document cannot be read: ${what} (line 1, column 1)${said}.`,
      hint,
      data: { line: 1, column: 1 },
    });
  };
  const head = text.slice(0, 4_096);
  if (head.trim() === '' && text.trim() === '') refuse('it is empty', 'Point at a document with something in it.');
  const kind = kinds.find(({ looks }) => looks.test(head));
  if (kind !== undefined) refuse(kind.what.replace(/^It/, 'it'), kind.hint);
  const broken = head.split('\uFFFD').length - 1;
  if (head.includes('\u0000') || broken > head.length / 20) {
    refuse('it is not text in UTF-8', 'Save the document as UTF-8, or point at a JSON or YAML document.');
  }
};
