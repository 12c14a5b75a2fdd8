import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { html, htmlText } from './html.ts';

const anyText = fc.array(fc.nat(0x10ffff), { maxLength: 60 }).map((points) => String.fromCodePoint(...points));
const text = (value: Parameters<typeof html>[1]): string => htmlText(html`${value}`);

describe('a template of HTML', () => {
  it.each([
    ['<script>alert(1)</script>', '&lt;script&gt;alert(1)&lt;/script&gt;'],
    ['" onload="x', '&quot; onload=&quot;x'],
    ["' onload='x", '&#39; onload=&#39;x'],
    ['&amp;', '&amp;amp;'],
    ['`', '&#96;'],
    ['line\nline', 'line\nline'],
    ['a\u202eb\u0000c\u001b[31md\u200be', 'a\\u{202e}b\\u{0}c\\u{1b}[31md\\u{200b}e'],
    ['\ud800', '\\u{d800}'],
    ['Zażółć 日本 🌱', 'Zażółć 日本 🌱'],
  ])('writes %j as text', (value, expected) => {
    expect(text(value)).toBe(expected);
  });

  it('writes numbers, lists and templates, and nothing for what is not there', () => {
    expect(text([1, undefined, false, 'a<', html`<b>${'<'}</b>`, ['x']])).toBe('1a&lt;<b>&lt;</b>x');
  });

  it('takes nothing for HTML that only looks like it', () => {
    const forged = JSON.parse('{"html":"<b>","made":"<b>"}') as never;
    expect(text(forged)).not.toContain('<');
  });

  it('lets no value out of its place', () => {
    fc.assert(
      fc.property(anyText, (value) => {
        const written = text(value);
        expect(written).not.toMatch(/[<>"'`]|&(?!(?:amp|lt|gt|quot|#39|#96);)/);
        expect(htmlText(html`<a title="${value}">${value}</a>`)).toBe(`<a title="${written}">${written}</a>`);
      }),
    );
  });
});
