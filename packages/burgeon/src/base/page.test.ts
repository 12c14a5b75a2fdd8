import { createHash } from 'node:crypto';
import { approvalQuestion } from '@burgeon/kit/suites';
import { describe, expect, it } from 'vitest';
import { html, htmlText } from './html.ts';
import { pageResponse } from './page.ts';
import { questionView } from './question-view.ts';

const body = html`<h1>Hello</h1>`;

describe('a page', () => {
  it('may run nothing, load nothing and be framed by nobody', async () => {
    const response = pageResponse({ title: '</title><script>', language: 'pl', body });
    const policy = response.headers.get('content-security-policy') ?? '';
    for (const part of [
      "default-src 'none'",
      "script-src 'none'",
      "form-action 'self'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
    ])
      expect(policy).toContain(part);
    expect(policy).toContain("require-trusted-types-for 'script'; trusted-types 'none'");
    expect(policy).not.toMatch(/unsafe|\*|connect-src/);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'cache-control': 'no-store',
      'content-type': 'text/html; charset=utf-8',
      'cross-origin-opener-policy': 'same-origin',
      'referrer-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
    });
    const text = await response.text();
    expect(text).toContain('<html lang="pl">');
    expect(text).toContain('<title>&lt;/title&gt;&lt;script&gt;</title>');
    expect(text).not.toContain('<script');
  });

  it('lets its own style through by its hash, and one script by its address', async () => {
    const response = pageResponse({ title: 't', language: 'en', body, script: '/s.js', status: 418, headers: { 'x-more': '1' } });
    const text = await response.text();
    const style = /<style>([^]*?)<\/style>/.exec(text)?.[1] ?? '';
    const policy = response.headers.get('content-security-policy');
    expect(policy).toContain(`style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`);
    expect(policy).toContain("script-src 'self'; connect-src 'self'");
    expect(text).toContain('<script type="module" src="/s.js"></script>');
    expect([response.status, response.headers.get('x-more')]).toEqual([418, '1']);
  });
});

describe('a question on a page', () => {
  it.each([
    ['en', 'Fingerprint', 'Valid until'],
    ['pl', 'Odcisk', 'Ważne do'],
  ] as const)('speaks %s and shows all of the disclosure', (language, fingerprint, until) => {
    const text = htmlText(questionView({ ...approvalQuestion('a'), text: `- one <b>\n${'line\n'.repeat(5_000)}end` }, language));
    for (const part of [fingerprint, until, '0123abcd', '2030-01-01 00:00 UTC', '<pre>- one &lt;b&gt;\nline', 'end</pre>'])
      expect(text).toContain(part);
  });
});
