import { spellUnseen } from './unseen.ts';

const made: unique symbol = Symbol('html');

/** HTML that is safe to put into HTML. Only {@link html} makes it: whatever else stands in a template is text. */
export interface Html {
  readonly [made]: string;
}

/** What may stand in a template. Nothing is written for `undefined` and `false`; a list is written one after another. */
export type HtmlValue = Html | string | number | false | undefined | readonly HtmlValue[];

/**
 * A template of HTML in which every value is text, between tags as well as inside quoted attributes. Characters that a reader would not
 * see, or that would turn the line around, are spelt out: `\u{202e}`.
 */
export const html = (parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html => ({
  [made]: parts.reduce((text, part, index) => text + written(values[index - 1]) + part),
});

/** The text of a piece of HTML, for the wire. */
export const htmlText = (value: Html): string => value[made];

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

/** Text as it may stand between tags and inside a quoted attribute. @see https://html.spec.whatwg.org/multipage/syntax.html section 13.1 */
const escape = (text: string): string => spellUnseen(text, '\n').replace(/[&<>"'`]/g, (character) => entities[character] ?? '');

const written = (value: HtmlValue): string => {
  if (value === undefined || value === false) return '';
  if (isList(value)) return value.map(written).join('');
  return typeof value === 'object' ? htmlText(value) : escape(String(value));
};

const isList = (value: HtmlValue): value is readonly HtmlValue[] => Array.isArray(value);
