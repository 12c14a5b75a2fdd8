import { readFileSync } from 'node:fs';
import { hostSuite } from '@burgeon/kit/suites';
import { describe, expect, it } from 'vitest';
import { hostContext } from '../../../walls/fixtures/script-module.ts';
import { programModule } from './fixtures/program-module.ts';
import { createProcess } from './index.ts';
import { findPython } from '../../../base/python.ts';

const languages = [
  { name: 'Python', entry: 'suite.py', here: (await findPython()) !== undefined },
  { name: 'Node', entry: 'suite.ts', here: true },
];

for (const { name, entry, here } of languages) {
  const code = programModule(entry, readFileSync(new URL(`./fixtures/${entry}`, import.meta.url), 'utf8'), { state: 2 });
  describe.skipIf(!here)(name, () => {
    hostSuite({ describe, it, expect } as never, {
      host: createProcess(),
      module: code,
      code,
      context: () => hostContext(),
      operation: 'total',
      input: {},
      write: { operation: 'add', input: { by: 1 } },
    });
  });
}
