/**
 * Asks the built product from outside, and its pages in a real browser: everything below tests/probes and tests/browser, one file after the
 * other, since they load the machine. What a machine lacks is a failure here.
 */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
const env = { ...process.env, BURGEON_PROBES: '1', BURGEON_REQUIRE_SERVICES: '1' };
const { status } = spawnSync(process.execPath, [vitest, 'run', ...process.argv.slice(2)], { env, stdio: 'inherit' });
process.exitCode = status ?? 1;
