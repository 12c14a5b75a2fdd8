import { describe, expect, it } from 'vitest';
import { memoryStore } from './memory-store.ts';
import { storeSuite } from './store.suite.ts';

let store = memoryStore();
storeSuite(
  { describe, it, expect },
  {
    open: async () => (store = memoryStore()),
    second: async () => store,
  },
);
