import { describe, expect, it } from 'vitest';
import { type Opened, openApprovalServer } from './approval-server.ts';
import { type Window, missingBrowser, openBrowser } from './open-browser.ts';

describe.skipIf(missingBrowser())('approving on a web page', () => {
  const server = openApprovalServer({ policy: 'two-channels' });
  const browser = openBrowser();

  /** Waits for an answer while others try to give it. */
  let waiting: Opened;

  const grant = async (role: string): Promise<{ key: { id: string }; value: string }> =>
    (await server.manage('grantAccess', { role })) as never;
  const signIn = async ({ page }: Window, key: string): Promise<void> => {
    await page.getByLabel('API key').fill(key);
    await page.getByRole('button', { name: 'Sign in' }).click();
  };

  it('goes from a link on the terminal to a module that runs, over two channels', async () => {
    // What the other side says about itself is no part of what is asked.
    const asked = await server.add('clock', '<img src=x onerror="canary=1"> [Approve] \u202e\u001b[31m'.repeat(500));
    const window = await browser.window();
    const { page, complaints } = window;
    await page.goto(`${server.url()}/approve/web/${asked.id}`);
    await signIn(window, 'wrong');
    expect(await page.getByRole('alert').textContent()).toContain('may not approve');
    await signIn(window, server.token());
    expect(await page.locator('h1').textContent()).toContain('api/clock');
    expect(await page.locator('pre').textContent()).toMatch(/^New module [^\n]*\n- Call 127\.0\.0\.1/);
    expect(await page.locator('main').textContent()).not.toMatch(/onerror|\[Approve\]/);
    expect(await page.evaluate('typeof canary')).toBe('undefined');
    expect(await page.locator('.print').textContent()).toBe(asked.fingerprint);
    await page.getByRole('button', { name: 'Approve' }).click();
    expect(await page.locator('h1').textContent()).toBe('Half done');
    expect(await server.stateOf(asked.id)).toBe('half');
    // A second time over the same channel is nothing: the request no longer waits there.
    await page.goto(`${server.url()}/approve/web/${asked.id}`);
    expect(await page.locator('h1').textContent()).toContain('does not wait');
    // The turn went to the page and back, so the terminal has shown a second code.
    const code = [...server.terminal().matchAll(/Code: (\w+)/g)].at(-1)?.[1] ?? '';
    await server.manage('approve', { request: asked.id, code });
    expect(await server.stateOf(asked.id)).toBe('approved');
    expect(await server.manage('listModules')).toMatchObject([{ id: 'api/clock', state: 'active' }]);
    // The two pages that are no success: a wrong key, and a request that is answered.
    expect(complaints.filter((line) => !/status of 40[14]/.test(line))).toEqual([]);
    await window.context.close();
  });

  it('keeps its session from scripts and from other paths, and ends it', async () => {
    const window = await browser.window();
    const { page, context } = window;
    await page.goto(`${server.url()}/approve/web`);
    await signIn(window, server.token());
    expect(await page.locator('main').textContent()).toContain('Signed in as owner');
    expect(await context.cookies()).toMatchObject([
      { name: 'burgeon-approve', path: '/approve/web', httpOnly: true, sameSite: 'Strict' },
    ]);
    expect(await page.evaluate('document.cookie')).toBe('');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('API key').waitFor();
    expect(await context.cookies()).toEqual([]);
    await context.close();
  });

  it('lets an approver in until the key is revoked, and a viewer never', async () => {
    waiting = await server.add('second');
    const [approver, viewer] = [await grant('approver'), await grant('viewer')];
    const window = await browser.window();
    const { page, context } = window;
    await page.goto(`${server.url()}/approve/web/${waiting.id}`);
    await signIn(window, viewer.value);
    expect(await page.getByRole('alert').isVisible()).toBe(true);
    await signIn(window, approver.value);
    await page.getByRole('button', { name: 'Approve' }).waitFor();
    await server.manage('revokeAccess', { key: approver.key.id });
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByLabel('API key').waitFor();
    expect(await server.stateOf(waiting.id)).toBe('pending');
    await context.close();
  });

  it('takes nothing from a page of another site, though the browser is signed in', async () => {
    const window = await browser.window();
    const { page, context } = window;
    const address = `${server.url()}/approve/web/${waiting.id}`;
    await page.goto(address);
    await page.route('http://evil.example/**', (route) =>
      route.fulfill({
        contentType: 'text/html',
        body: `<form method="post" action="${address}"><input name="answer" value="approve"><button>Win</button></form>
          <a href="${address}?answer=approve">Read</a><iframe src="${address}"></iframe><img src="${address}?answer=approve">`,
      }),
    );
    // Five sign-ins a minute are let through; this is the sixth try of this file.
    await signIn(window, server.token());
    expect(await page.locator('main').textContent()).toContain('too many tries');
    await page.goto('http://evil.example/');
    expect(await page.frames()[1]?.locator('button').count()).toBe(0);
    await page.getByRole('button', { name: 'Win' }).click();
    await page.waitForURL(address);
    expect(await server.stateOf(waiting.id)).toBe('pending');
    expect(await server.record(waiting.id)).toEqual(['approval.opened', 'approval.asked']);
    await context.close();
  });
});
