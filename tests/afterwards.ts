/** Runs before each file of tests, and ends what its fixtures have opened. */
import { afterAll, afterEach } from 'vitest';
import { end } from '../packages/burgeon/src/base/fixtures/afterwards.ts';

afterEach(() => end('test'));
afterAll(() => end('file'));
