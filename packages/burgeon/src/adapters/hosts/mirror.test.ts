import { type VerifiedModule, manifestExtension, pluginSchema } from '@burgeon/kit';
import { hostSuite } from '@burgeon/kit/suites';
import { describe, expect, it } from 'vitest';
import { manualClock } from '../../base/clock.ts';
import { silentLogger } from '../../base/log.ts';
import { shop } from '../../mirror/fixtures/shop.ts';
import { mirrorHost } from './mirror.ts';

const module: VerifiedModule = {
  manifest: {
    $schema: pluginSchema,
    name: 'api.shop',
    version: '1.0.0',
    extensions: {
      [manifestExtension]: {
        contract: 1,
        id: 'api/shop',
        kind: 'data',
        host: 'mirror',
        interface: 'interface.json',
        capabilities: [],
        dependencies: {},
        provenance: { generator: 'test', source: shop.source, fingerprint: '' },
      },
    },
  },
  interface: shop,
  digest: '',
  file: () => undefined,
};

hostSuite({ describe, it, expect } as never, {
  host: mirrorHost,
  module,
  context: () => ({
    clock: manualClock(0),
    log: silentLogger,
    trusted: false,
    ended: () => {},
    connect: () => Promise.reject(new TypeError('a mirror has no other side')),
    hostCall: () => Promise.reject(new TypeError('a mirror asks for nothing')),
  }),
  operation: 'listPets',
  input: {},
  write: { operation: 'createPet', input: { body: { name: 'Rex' } } },
});
