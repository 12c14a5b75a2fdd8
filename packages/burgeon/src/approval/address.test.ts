import { describe, expect, it } from 'vitest';
import { canonicalAddress } from './address.ts';

describe('an address of a person', () => {
  it.each([
    [
      'me@example.com',
      ['Me@Example.COM', ' me@example.com ', 'me+burgeon@example.com', 'mailto:me@example.com', 'me@example.com.'],
    ],
    [
      'me@xn--bcher-kva.example',
      ['me@bücher.example', 'me@BÜCHER.example', 'me@bu\u0308cher.example', 'me@xn--bcher-kva.example'],
    ],
    ['me@example.com', ['ｍｅ@example.com', 'me\u200b@example.com', 'me@exa\u00admple.com', 'me@example。com']],
    [
      '+48600100200',
      ['+48 600 100 200', '0048600100200', 'tel:+48-600-100-200', '＋４８６００１００２００', '+48 (600) 100.200'],
    ],
  ])('is %s, however it is written', (one, spellings) => {
    expect(spellings.map(canonicalAddress)).toEqual(spellings.map(() => one));
  });

  it.each([
    ['me@example.com', 'you@example.com'],
    ['me@example.com', 'me@example.org'],
    ['+48600100200', '+48600100201'],
    ['https://a.example/x', 'https://a.example/y'],
    ['@chat-user', '@chat-other'],
    ['mail', 'sms'],
  ])('%s is not %s', (one, other) => {
    expect(canonicalAddress(one)).not.toBe(canonicalAddress(other));
  });
});
