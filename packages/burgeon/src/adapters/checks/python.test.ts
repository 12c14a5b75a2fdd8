import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Candidate } from '@burgeon/kit';
import { checkSuite } from '@burgeon/kit/suites';
import { describe, expect, it } from 'vitest';
import { findPython } from '../../base/python.ts';
import { codeCandidate } from './fixtures/candidates.ts';
import { python } from './python.ts';

const here = (await findPython()) !== undefined;
if (!here) process.stderr.write('SKIPPED: there is no Python, so its check is not tested.\n');

const candidate = (text: string, host = 'process'): Candidate => {
  const made = codeCandidate('', { host, entry: 'main.py' });
  return { ...made, files: [...made.files, { path: 'main.py', text }] };
};

describe.skipIf(!here)('python', () =>
  checkSuite(
    { describe, it, expect },
    {
      check: python,
      scratch: () => mkdtemp(join(tmpdir(), 'burgeon-python-')),
      valid: [
        { name: 'a program', candidate: candidate('def run(given):\n    return "zażółć"\n') },
        { name: 'a program that would do harm if it ran', candidate: candidate('import os\nos.abort()\n') },
        { name: 'Python that is only data', candidate: candidate('def (', 'isolate') },
      ],
      invalid: [
        { name: 'no name', candidate: candidate('x = 1\ndef (:\n'), code: 'python-syntax', path: 'main.py:2:5' },
        { name: 'a tab in the wrong place', candidate: candidate('if 1:\n\tx\n        y\n'), code: 'python-syntax' },
        { name: 'a zero', candidate: candidate('x = "\0"'), code: 'python-syntax' },
        { name: 'brackets without end', candidate: candidate('('.repeat(50_000)), code: 'python-syntax' },
        { name: 'a sum without end', candidate: candidate(`x = ${'-'.repeat(200_000)}1`), code: 'python-syntax' },
      ],
    },
  ),
);
