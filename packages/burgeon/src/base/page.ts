import { createHash } from 'node:crypto';
import { type Html, html, htmlText } from './html.ts';
import { pageStyle } from './page-style.ts';

/** A page for a person, made on the server. */
export interface Page {
  title: string;
  /** Language of the words on it. */
  language: 'en' | 'pl';
  body: Html;
  /** Path of the one script it may run, on this server. Default: it runs none. */
  script?: string;
  /** Default: 200. */
  status?: number;
  headers?: Readonly<Record<string, string>>;
}

/**
 * A page as an answer. It may load nothing but its script, run nothing else, be framed by nobody and send its forms only back. Forms need
 * the referrer policy `same-origin`: with `no-referrer` a browser sends `Origin: null`, by which no server knows its own pages.
 * @see W3C Content Security Policy Level 3; W3C Trusted Types; WHATWG Fetch section 3.2
 */
export const pageResponse = (page: Page): Response => {
  const own = { ...pageHeaders, 'content-security-policy': contentPolicy(page.script !== undefined) };
  const headers = { ...own, 'content-type': 'text/html; charset=utf-8', ...page.headers };
  return new Response(htmlText(documentOf(page)), { status: page.status ?? 200, headers });
};

/** Headers of whatever a person's browser gets from us, pages and what they load: not kept, not sniffed, not shared with other windows. */
export const pageHeaders: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

const documentOf = ({ title, language, body, script }: Page): Html =>
  html`<!doctype html>
    <html lang="${language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        ${pageStyle} ${script !== undefined && html`<script type="module" src="${script}"></script>`}
      </head>
      <body>
        <header><span class="mark" aria-hidden="true"></span>Burgeon</header>
        <main>${body}</main>
      </body>
    </html> `;

/** Of the text between the tags: that is what a browser hashes. @see W3C Content Security Policy Level 3, section 6.7.3.3 */
const styleHash = createHash('sha256').update(htmlText(pageStyle).slice('<style>'.length, -'</style>'.length)).digest('base64');

const contentPolicy = (scripted: boolean): string =>
  [
    "default-src 'none'",
    `style-src 'sha256-${styleHash}'`,
    ...(scripted ? ["script-src 'self'", "connect-src 'self'"] : ["script-src 'none'"]),
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
