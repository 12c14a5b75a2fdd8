import type { Cache, CacheAdapter } from '@burgeon/kit';

/** Code units of all texts together; the one unused for longest gives way. */
const room = 8 * 1024 * 1024;

const openMemory = (): Cache => {
  const texts = new Map<string, string>();
  let used = 0;
  const forget = (key: string): void => {
    used -= texts.get(key)?.length ?? 0;
    texts.delete(key);
  };
  const remember = (key: string, text: string): void => {
    texts.set(key, text);
    used += text.length;
  };
  return {
    get: async (key) => {
      const text = texts.get(key);
      if (text === undefined) return undefined;
      forget(key);
      remember(key, text);
      return text;
    },
    set: async (key, text) => {
      forget(key);
      remember(key, text);
      for (const [oldest] of texts) {
        if (used <= room) return;
        forget(oldest);
      }
    },
    close: async () => texts.clear(),
  };
};

/** Texts in this process, by least recent use. The location says nothing. */
export const memory: CacheAdapter = { name: 'memory', open: async () => openMemory() };
