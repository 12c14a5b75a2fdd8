import { hostSuite } from '@burgeon/kit/suites';
import { describe, expect, it } from 'vitest';
import { hostContext } from '../../../walls/fixtures/script-module.ts';
import { compileAssembly, hasCompiler } from './fixtures/assembly-script.ts';
import { suiteBinary, wasmModule, withClock } from './fixtures/wasm-module.ts';
import { createWasm } from './index.ts';

for (const trusted of [true, false]) {
  const code = wasmModule(suiteBinary, { card: { state: { version: 2 } } });
  describe(trusted ? 'approved' : 'not approved', () => {
    hostSuite({ describe, it, expect } as never, {
      host: withClock(createWasm()),
      module: code,
      code,
      context: () => hostContext({ trusted }),
      operation: 'total',
      input: {},
      write: { operation: 'add', input: { by: 1 } },
    });
  });
}

describe.skipIf(!hasCompiler)('the binary of the suite', () => {
  it('is built of its sources, byte for byte', async () => {
    const folder = 'packages/burgeon/src/adapters/hosts/wasm/fixtures/suite';
    expect((await compileAssembly(['--config', 'asconfig.json'], folder)).equals(suiteBinary)).toBe(true);
  });
});
