/** Starts a real browser for tests, and says loudly when there is none. */
import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, type Page, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';

/** Where the browser is; another one can be named by `BURGEON_TEST_CHROMIUM`. */
const path = process.env['BURGEON_TEST_CHROMIUM'] ?? '/usr/bin/chromium';

/** Sandboxes of its own it cannot have in most containers; it shall speak to nobody but the test. */
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * True when there is no browser here, which is said loudly.
 * @throws {Error} when there is none and `BURGEON_REQUIRE_SERVICES=1`, so that a gate never skips in silence
 */
export const missingBrowser = (): boolean => {
  if (existsSync(path)) return false;
  const message = `SKIPPED: no browser at ${path}; install Chromium or set BURGEON_TEST_CHROMIUM to its path`;
  if (process.env['BURGEON_REQUIRE_SERVICES'] === '1') throw new Error(message);
  process.stderr.write(`\n!!! ${message} !!!\n`);
  return true;
};

/** A browser window, and what it complained about. */
export interface Window {
  page: Page;
  context: BrowserContext;
  /** Dialogs, errors of scripts, and what the console said of level error. */
  complaints: string[];
}

/** Starts the browser before the tests of this file and ends it after them. */
export const openBrowser = (): { window(options?: { width?: number; dark?: boolean }): Promise<Window> } => {
  let browser: Browser | undefined;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: path, args: flags });
  });
  afterAll(() => browser?.close());
  return {
    window: async ({ width = 1_000, dark = false } = {}) => {
      const context = await (browser ?? expect.unreachable()).newContext({
        viewport: { width, height: 800 },
        colorScheme: dark ? 'dark' : 'light',
        locale: 'en-GB',
      });
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('dialog', (dialog) => {
        complaints.push(`dialog: ${dialog.message()}`);
        void dialog.dismiss();
      });
      page.on('pageerror', (error) => void complaints.push(`script: ${error.message}`));
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(`console: ${message.text()}`);
      });
      return { page, context, complaints };
    },
  };
};
