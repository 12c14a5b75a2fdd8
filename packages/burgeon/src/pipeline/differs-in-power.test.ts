import { manifestExtension, type ModuleManifest } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import { codeCandidate } from '../adapters/checks/fixtures/candidates.ts';
import { differsInPower } from './differs-in-power.ts';

const cardOf = (change: Partial<ModuleManifest> = {}): ModuleManifest =>
  codeCandidate('', change).manifest.extensions[manifestExtension];

describe('differsInPower', () => {
  it.each<[string, Partial<ModuleManifest>, Partial<ModuleManifest>, boolean]>([
    ['nothing', {}, {}, false],
    ['its code', { entry: 'index.ts' }, { entry: 'main.ts' }, false],
    ['its capabilities', {}, { capabilities: [{ kind: 'clock', scope: {} }] }, true],
    ['fewer capabilities', { capabilities: [{ kind: 'clock', scope: {} }] }, {}, true],
    ['code where data was', { kind: 'data' }, {}, true],
    ['a program where an isolate was', {}, { host: 'process' }, true],
    ['a higher limit', {}, { limits: { wallMs: 60_000 } }, true],
    ['a lower limit', { limits: { wallMs: 60_000 } }, { limits: { wallMs: 100 } }, false],
    ['a limit that is gone, and was lower', { limits: { cpuMs: 10 } }, {}, true],
  ])('with %s', (_name, before, after, expected) => {
    expect(differsInPower(cardOf(before), cardOf(after))).toBe(expected);
  });
});
