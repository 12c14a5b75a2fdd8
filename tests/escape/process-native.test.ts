import { describe, it } from 'vitest';
import { createProcess } from '../../packages/burgeon/src/adapters/hosts/process/index.ts';
import { subjectOf } from '../../packages/burgeon/src/isolation/subject.ts';
import { native } from '../../packages/burgeon/src/walls/jail/native.ts';
import { attackHost } from '../proof.ts';

const walls = await native.probe();

// Landlock does not judge who asks whether a file exists, and a program of root keeps the right to read what Landlock lets it.
const known = ['stat, access, realpath', 'realpath.native and its kin', 'rights that are left'];

if (walls.includes('files') && walls.includes('network'))
  await attackHost('process', ['system'], {
    name: 'process behind the native driver',
    subject: subjectOf('process', createProcess({ driver: 'native' })),
    known,
  });
else {
  const message = 'SKIPPED: the native driver is not attacked: its walls do not stand here';
  // Before Node 26 there is nothing to build them with (node:ffi).
  const possible = Number.parseInt(process.versions.node, 10) >= 26;
  if (possible && process.env['BURGEON_REQUIRE_SERVICES'] === '1') throw new Error(message);
  process.stderr.write(`\n!!! ${message} !!!\n`);
  describe('process behind the native driver', () => it.skip(message, () => {}));
}
