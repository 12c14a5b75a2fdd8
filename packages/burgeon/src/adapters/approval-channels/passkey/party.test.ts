import { describe, expect, it } from 'vitest';
import { partyOf, requireParty } from './party.ts';

describe('the party of an address', () => {
  it.each([
    ['http://127.0.0.1:4600', 'localhost', 'http://localhost:4600'],
    ['http://127.8.9.1:4600', 'localhost', 'http://localhost:4600'],
    ['http://[::1]:4600', 'localhost', 'http://localhost:4600'],
    ['http://localhost', 'localhost', 'http://localhost'],
    ['https://burgeon.example:8443', 'burgeon.example', 'https://burgeon.example:8443'],
  ])('%s', (address, id, origin) => {
    expect(partyOf(address)).toEqual({ id, origin });
    expect(requireParty(address)).toEqual({ id, origin });
  });

  it.each([
    undefined,
    'nonsense',
    'http://burgeon.example',
    'http://10.0.0.5:4600',
    'https://10.0.0.5',
    'https://[fd00::1]',
    'ftp://localhost',
  ])('is none for %s', (address) => {
    expect(partyOf(address)).toBeUndefined();
    expect(() => requireParty(address)).toThrow(expect.objectContaining({ code: 'UNSUPPORTED' }));
  });
});
