import { expect, it } from 'vitest';
import { build } from './build.ts';
import { version } from './version.ts';

it('names the version, Node and, from sources, how they look; the same as long as nothing changes', () => {
  expect(build()).toMatch(new RegExp(`^${version.replaceAll('.', '\\.')} ${process.versions.node} [0-9a-f]{64}$`));
  expect(build()).toBe(build());
});
