import { expect, it } from 'vitest';
import { hostileSources } from './fixtures/hostile-sources.ts';
import { injection } from './fixtures/injection.ts';

it.each(hostileSources)('lets no hostile text of $name out of what it is written into', async (source) => {
  const found = await injection([source]);
  expect({ injected: found.injected.slice(0, 20), broken: found.broken.slice(0, 20) }).toEqual({ injected: [], broken: [] });
  expect(found.reached).toBeGreaterThan(100);
});

it('stands in 48 places of a description at least', () => {
  expect(hostileSources[0]?.places.length).toBeGreaterThanOrEqual(48);
});
