import type { CDPSession, Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Opened, openApprovalServer } from './approval-server.ts';
import { type Window, missingBrowser, openBrowser } from './open-browser.ts';

/** A device with a passkey inside, whose person is known to it. */
const device = {
  protocol: 'ctap2',
  transport: 'internal',
  hasResidentKey: true,
  hasUserVerification: true,
  isUserVerified: true,
  automaticPresenceSimulation: true,
} as const;

/** One after another with the same device, as an owner would use it. */
describe.skipIf(missingBrowser())('approving with a passkey', () => {
  const server = openApprovalServer({ policy: 'one-channel' });
  const browser = openBrowser();
  let window: Window;
  let page: Page;
  let cdp: CDPSession;
  let authenticatorId = '';
  /** Waits for an answer while signatures for others are tried on it. */
  let waiting: Opened;

  beforeAll(async () => {
    window = await browser.window();
    ({ page } = window);
    cdp = await window.context.newCDPSession(page);
    await cdp.send('WebAuthn.enable');
    ({ authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', { options: device }));
  });

  const invite = async (): Promise<string> => ((await server.manage('invitePasskey')) as { url: string }).url;
  const fillIn = async (url: string, name: string): Promise<void> => {
    await page.goto('about:blank');
    await page.goto(url);
    await page.getByLabel('What to call it').fill(name);
    await page.getByRole('button', { name: 'Register' }).click();
  };
  const open = ({ id }: Opened) => page.goto(`${server.named()}/approve/passkey/${id}`);
  const press = (name: 'Approve' | 'Reject') => page.getByRole('button', { name }).click();
  const seeOutcome = (name: string) => page.locator(`[data-outcome="${name}"]`).waitFor({ timeout: 10_000 });
  const seeComplaint = (text: string) =>
    expect.poll(() => page.getByRole('alert').textContent(), { timeout: 10_000 }).toContain(text);
  const wrong = async ({ id }: Opened) => (await server.record(id)).filter((kind) => kind === 'approval.code-wrong').length;
  /** Has the page of a request make a signed answer without sending it. */
  const signOnly = (): Promise<unknown> =>
    page.evaluate(`(async () => {
      const ask = async (path, body) =>
        (await fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })).json();
      const options = await ask(location.pathname + '/options', { answer: 'approve' });
      const credential = await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
      return { answer: 'approve', response: credential.toJSON() };
    })()`);
  /** Sends a signed answer to a request, from a page of this server; gives the status. */
  const send = ({ id }: Opened, signed: unknown): Promise<number> =>
    page.evaluate(`(async () => (await fetch('/approve/passkey/${id}', {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: ${JSON.stringify(JSON.stringify(signed))} })).status)()`);
  const credentials = async () => (await cdp.send('WebAuthn.getCredentials', { authenticatorId })).credentials;
  let early: Awaited<ReturnType<typeof credentials>> = [];

  it('registers one by a link that works once', async () => {
    const url = await invite();
    await fillIn(url, 'Laptop');
    await seeOutcome('registered');
    expect(page.url()).toBe(`${server.named()}/approve/passkey/register`);
    expect(await server.manage('listPasskeys')).toMatchObject([{ name: 'Laptop', party: 'localhost' }]);
    expect(await server.manage('listChannels')).toContainEqual(expect.objectContaining({ name: 'passkey', ready: true }));
    expect(window.complaints).toEqual([]);
    early = await credentials();
    await fillIn(url, 'Thief');
    await seeComplaint('used up');
    await fillIn(await invite(), 'Again');
    await seeComplaint('registered already');
  });

  it('approves with it', async () => {
    const asked = await server.add('one');
    await open(asked);
    expect(await page.locator('.print').textContent()).toBe(asked.fingerprint);
    window.complaints.length = 0;
    await press('Approve');
    await seeOutcome('approved');
    expect(await server.stateOf(asked.id)).toBe('approved');
    expect(await server.record(asked.id)).toEqual(expect.arrayContaining(['approval.opened', 'approval.approved']));
    expect(window.complaints).toEqual([]);
  });

  it('refuses, and records, a signature for another artefact and one that was used', async () => {
    const other = await server.add('two');
    waiting = await server.add('three', 'before');
    await open(other);
    const signed = await signOnly();
    expect(await send(waiting, signed)).toBe(403);
    expect(await send(other, signed)).toBe(200);
    expect(await send(waiting, signed)).toBe(403);
    expect([await wrong(waiting), await server.stateOf(waiting.id)]).toEqual([2, 'pending']);
  });

  it('refuses, and records, a signature under what was changed afterwards', async () => {
    await open(waiting);
    const signed = await signOnly();
    const before = waiting;
    waiting = await server.add('three', 'after');
    expect(await server.stateOf(before.id)).toBe('superseded');
    expect(await send(before, signed)).toBe(404);
    expect(await send(waiting, signed)).toBe(403);
    expect([await wrong(waiting), await server.stateOf(waiting.id)]).toEqual([1, 'pending']);
  });

  it('says so when the person does not confirm, and counts it for nothing', async () => {
    await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
    await open(waiting);
    await press('Approve');
    await seeComplaint('did not answer');
    await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: true });
    expect([await wrong(waiting), await server.stateOf(waiting.id)]).toEqual([1, 'pending']);
  });

  it('refuses, and records, the copy of a device, whose count is behind', async () => {
    await cdp.send('WebAuthn.clearCredentials', { authenticatorId });
    await cdp.send('WebAuthn.addCredential', { authenticatorId, credential: early[0] ?? expect.unreachable() });
    await open(waiting);
    await press('Approve');
    await seeComplaint('not right');
    expect([await wrong(waiting), await server.stateOf(waiting.id)]).toEqual([2, 'pending']);
  });

  it('forgets a device that was taken away, and lets another one reject', async () => {
    for (const { id } of (await server.manage('listPasskeys')) as { id: string }[])
      await server.manage('removePasskey', { passkey: id });
    await open(waiting);
    await press('Approve');
    await seeComplaint('No passkey is registered');
    await fillIn(await invite(), 'New');
    await seeOutcome('registered');
    await open(waiting);
    await press('Reject');
    await seeOutcome('rejected');
    expect(await server.stateOf(waiting.id)).toBe('rejected');
  });
});
