import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Capability } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import { approve, candidateOf, evidence, type Fixture, open } from '../../registry/fixtures/modules.ts';
import { onBus } from './fixtures/harness.ts';
import { membersOf } from './members.ts';

const grown = async (id: string, capabilities: Capability[], fixture?: Fixture) => {
  const { registry, ...rest } = fixture ?? (await open());
  const warnings: string[] = [];
  const log = { debug: () => {}, info: () => {}, warn: (text: string) => void warnings.push(text) };
  const staged = await registry.stage(candidateOf(id, '1.2.0', { capabilities }), evidence);
  return {
    ...rest,
    registry,
    warnings,
    members: membersOf({ registry, log }),
    activate: () => registry.activate(staged, approve(staged)),
  };
};

describe('the members of the bus', () => {
  it('are active modules that were granted it, with what they were granted of it', async () => {
    const { members, activate, registry } = await grown('skill/a', [onBus('a', 'publish'), { kind: 'clock', scope: {} }]);
    expect(await members.find('skill/a')).toBeUndefined();
    await activate();
    expect(await members.find('skill/a')).toMatchObject({ id: 'skill/a', version: '1.2.0', grants: [onBus('a', 'publish')] });
    await registry.archive('skill/a');
    expect(await members.find('skill/a')).toBeUndefined();
  });

  it('are not those without a grant, nor those that are none, and neither is news', async () => {
    const { members, activate, warnings } = await grown('skill/a', [{ kind: 'clock', scope: {} }]);
    await activate();
    expect([await members.find('skill/a'), await members.find('skill/b'), await members.ids()]).toEqual([
      undefined,
      undefined,
      [],
    ]);
    expect(warnings).toEqual([]);
  });

  it('are not those whose bytes are no longer what was signed, and that is told', async () => {
    const { members, activate, warnings, blobFolder } = await grown('skill/a', [onBus('a')]);
    await activate();
    const blobs = readdirSync(blobFolder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    for (const { parentPath, name } of blobs) writeFileSync(join(parentPath, name), 'other bytes');
    expect(await members.find('skill/a')).toBeUndefined();
    expect(warnings).toEqual([expect.stringContaining('skill/a takes no part in messages')]);
  });
});
