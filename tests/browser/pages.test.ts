import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type ApprovalChannel, type ApprovalInbox, type ApprovalQuestion, BurgeonError } from '@burgeon/kit';
import { approvalQuestion, memoryStore } from '@burgeon/kit/suites';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { passkey } from '../../packages/burgeon/src/adapters/approval-channels/passkey/index.ts';
import { web } from '../../packages/burgeon/src/adapters/approval-channels/web/index.ts';
import { systemClock } from '../../packages/burgeon/src/base/clock.ts';
import { html, htmlText } from '../../packages/burgeon/src/base/html.ts';
import { createApprovalDoor } from '../../packages/burgeon/src/server/approval-door.ts';
import { type Window, missingBrowser, openBrowser } from './open-browser.ts';

/** Sets the canary, if anything of it is ever carried out. */
const attacks = [
  '<img src=x onerror="canary=1">',
  '</pre></section></main><script>canary=1</script>',
  '"><svg onload=canary=1>',
  "' autofocus onfocus='canary=1",
  '</title><script>canary=1</script>',
  '<iframe srcdoc="<script>parent.canary=1</script>">',
  '<a href="javascript:canary=1">[Approve]</a>',
  '<form action="http://evil.example"><button>Approve</button></form>',
  '<base href="http://evil.example/"><meta http-equiv="refresh" content="0;url=http://evil.example/">',
  '{{constructor.constructor("canary=1")()}}${canary=1}',
  '<style>*{display:none}</style>',
  '\u001b[2J\u001b[31m[Approve]\u001b[0m',
  '\u202e]evorppA[ \u2066harmless\u2069',
];
const nasty = attacks.join(' ');

/** Channels behind the door of a server, with questions that nobody has made harmless before. */
describe.skipIf(missingBrowser())('pages that show what others wrote', () => {
  const browser = openBrowser();
  const questions: ApprovalQuestion[] = [];
  const answers: string[] = [];
  let server: Server | undefined;
  const base = (): string => `http://localhost:${(server?.address() as AddressInfo | undefined)?.port}`;

  beforeAll(async () => {
    const context = {
      clock: systemClock,
      store: memoryStore(),
      write: () => {},
      secret: async () => undefined,
      pages: async () => base(),
      approver: async (token: string) => (token === 'key' ? { id: nasty } : undefined),
    };
    const channels: Record<string, ApprovalChannel> = { web: web.open(context), passkey: passkey.open(context) };
    const inbox: ApprovalInbox = {
      questions: async () => questions,
      approve: async ({ request }) => {
        answers.push(request);
        throw new BurgeonError('APPROVAL_CLOSED', { message: nasty, hint: nasty });
      },
      reject: async ({ request }) => void answers.push(request),
    };
    const door = createApprovalDoor({
      approvals: {
        handle: async (name, request) => channels[name]?.handle?.(request, inbox),
        listen: async () => ({ close: async () => {} }),
      },
    });
    server = createServer((request, response) => void door(request, response, new URL(request.url ?? '/', base()).pathname));
    await new Promise<void>((resolve) => server?.listen(0, 'localhost', resolve));
  });
  afterAll(() => {
    server?.closeAllConnections();
    server?.close();
  });

  const ask = (...asked: Partial<ApprovalQuestion>[]): void => {
    questions.splice(0, questions.length, ...asked.map((each, at) => ({ ...approvalQuestion(`req_${at}`), ...each })));
  };
  let signedIn: Promise<Window> | undefined;
  /** One window for all tests: sign-ins are counted. */
  const window = (): Promise<Window> =>
    (signedIn ??= (async () => {
      const opened = await browser.window();
      await opened.page.goto(`${base()}/approve/web`);
      await opened.page.getByLabel('API key').fill('key');
      await opened.page.getByRole('button', { name: 'Sign in' }).click();
      await opened.page.getByText('Signed in as').waitFor();
      opened.complaints.length = 0;
      return opened;
    })());
  const isUntouched = async ({ page, complaints }: Window): Promise<void> => {
    expect(await page.evaluate('typeof canary')).toBe('undefined');
    expect(complaints.filter((line) => !/status of 4/.test(line))).toEqual([]);
    expect(new URL(page.url()).origin).toBe(base());
    expect(
      await page.locator('img, svg, iframe, base, meta[http-equiv], a[href^="javascript"], [onerror], [onload]').count(),
    ).toBe(0);
  };

  it('carry out nothing of what stands in them', async () => {
    const asked = attacks.map((attack) => ({
      module: attack,
      version: attack,
      text: `- Call api.example.com\n${attack}`,
      fingerprint: attack,
      expiresAt: attack,
    }));
    ask(...asked);
    const opened = await window();
    const { page } = opened;
    const all = ['/approve/web', ...attacks.flatMap((_, at) => [`/approve/web/req_${at}`, `/approve/passkey/req_${at}`])];
    for (const path of all) {
      await page.goto(base() + path);
      await isUntouched(opened);
      if (path === '/approve/web') continue;
      expect(await page.locator('.answers button').count()).toBe(2);
      expect(await page.locator('button').count()).toBe(2);
      expect((await page.locator('pre').textContent())?.startsWith('- Call api.example.com\n')).toBe(true);
    }
    await page.waitForTimeout(300);
    await isUntouched(opened);
  });

  it('show errors and names in the same way', async () => {
    ask({ module: nasty });
    const opened = await window();
    await opened.page.goto(`${base()}/approve/web/req_0`);
    await opened.page.getByRole('button', { name: 'Approve' }).click();
    expect(await opened.page.locator('h1').textContent()).toBe('This was not possible');
    await isUntouched(opened);
    expect(answers).toEqual(['req_0']);
  });

  it('show 5,000 lines to the end, what is asked for first, and then the answers', async () => {
    const lines = ['- Delete everything', ...Array.from({ length: 4_998 }, (_, at) => `line ${at} [Approve]`), '- The last line'];
    ask({ text: lines.join('\n') });
    const opened = await window();
    await opened.page.goto(`${base()}/approve/web/req_0`);
    expect(await opened.page.locator('pre').textContent()).toBe(lines.join('\n'));
    const box = async (what: string) => (await opened.page.locator(what).boundingBox()) ?? expect.unreachable();
    const [text, print, button] = [await box('pre'), await box('.print'), await box('button[value="approve"]')];
    expect(text.height).toBeGreaterThan(4_000 * 15);
    expect([text.y + text.height < print.y, print.y < button.y]).toEqual([true, true]);
    await isUntouched(opened);
  });

  it('let a browser run no text of ours as a script, not even where a script asks for it', async () => {
    ask({});
    const { page, complaints } = await window();
    await page.goto(`${base()}/approve/passkey/req_0`);
    const tried = await page.evaluate(`(() => {
      const results = [];
      for (const deed of [
        () => { document.body.innerHTML = '<img src=x onerror="canary=1">'; },
        () => { const script = document.createElement('script'); script.text = 'canary=1'; document.body.append(script); },
        () => setTimeout('canary=1', 0),
        () => { trustedTypes.createPolicy('mine', { createHTML: (text) => text }); },
      ]) { try { deed(); results.push('done'); } catch (error) { results.push(error.name); } }
      return results;
    })()`);
    expect(tried).toEqual(['TypeError', 'TypeError', 'TypeError', 'TypeError']);
    complaints.length = 0;
    await page.evaluate(
      `(() => { const frame = document.createElement('iframe'); frame.src = location.href; document.body.append(frame); })()`,
    );
    await page.waitForTimeout(100);
    expect(await page.evaluate('typeof canary')).toBe('undefined');
    expect(complaints.join()).toMatch(/frame/);
    complaints.length = 0;
  });

  it('are read by a browser as exactly what was written, whatever it was', async () => {
    const { page } = await window();
    await page.goto('about:blank');
    const words = fc.array(
      fc.oneof(fc.constantFrom(...attacks), fc.string(), fc.constantFrom('<!--', '-->', ']]>', '&lt;', '\n')),
      { maxLength: 5 },
    );
    const values = fc.sample(words, 200).map((parts) => parts.join(''));
    const documents = values.map((value) =>
      htmlText(
        html`<p title="${value}">${value}</p>
          <b></b>`,
      ),
    );
    const read = (await page.evaluate(`(${JSON.stringify(documents)}).map((text) => {
      const { body } = new DOMParser().parseFromString(text, 'text/html');
      const [p] = body.children;
      return [[...body.children].map(({ localName }) => localName).join(), p.attributes.length, p.childElementCount, p.title, p.textContent];
    })`)) as unknown[][];
    for (const [at, [names, attributes, children, title, text]] of read.entries()) {
      expect([names, attributes, children], JSON.stringify(values[at])).toEqual(['p,b', 1, 0]);
      expect(title).toBe(text);
    }
  });

  it.each([
    ['phone', 320, false],
    ['phone in the dark', 390, true],
    ['desk', 1_200, false],
  ])('fit a %s', async (name, width, dark) => {
    ask({
      module: `api/${'orders-and-deliveries-'.repeat(3)}of-acme`,
      text: [
        "New module 'api/orders' wants to:",
        '- Call api.example.com (GET, POST) on every path',
        '- Read and write the files data/**',
        '- Use the secret shop/token',
        '',
        'Version: 1.0.0',
        'Checks: 6 of 6 passed',
        'Fingerprint: 0123abcd',
      ].join('\n'),
    });
    const { page, context } = await browser.window({ width, dark });
    const folder = process.env['BURGEON_SCREENSHOTS'];
    if (folder !== undefined) mkdirSync(folder, { recursive: true });
    const cookies = await (await window()).context.cookies();
    const look = async (path: string, picture: string): Promise<void> => {
      await page.goto(base() + path);
      const overflow = (await page.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      )) as number;
      expect(overflow, path).toBe(0);
      if (folder !== undefined) await page.screenshot({ path: join(folder, `${name}-${picture}.png`), fullPage: true });
    };
    await look('/approve/web', 'sign-in');
    await context.addCookies(cookies);
    await look('/approve/web', 'inbox');
    await look('/approve/web/req_0', 'question');
    await look('/approve/passkey/req_0', 'passkey');
    await look('/approve/passkey/register', 'register');
    for (const button of await page.locator('.answers button').all())
      expect((await button.boundingBox())?.height).toBeGreaterThanOrEqual(44);
    await context.close();
  });

  it('can be used by keyboard, and name everything they ask for', async () => {
    ask({});
    const { page } = await window();
    await page.goto(`${base()}/approve/web/req_0`);
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.value')).toBe('approve');
    await page.goto(`${base()}/approve/passkey/register`);
    expect(
      await page.evaluate(
        '[...document.querySelectorAll("input:not([type=hidden])")].every((input) => input.labels.length === 1)',
      ),
    ).toBe(true);
    expect(await page.evaluate('document.documentElement.lang')).toBe('en');
  });
});
