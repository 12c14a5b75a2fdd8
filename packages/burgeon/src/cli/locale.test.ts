import { describe, expect, it } from 'vitest';
import { localeOf } from './locale.ts';

describe('the language of a person', () => {
  it.each([
    [{ LANG: 'pl_PL.UTF-8' }, 'pl'],
    [{ LANG: 'pl' }, 'pl'],
    [{ LANG: 'PL@euro' }, 'pl'],
    [{ LANG: 'en_GB.UTF-8', LC_MESSAGES: 'pl_PL' }, 'pl'],
    [{ LANG: 'pl_PL.UTF-8', LC_ALL: 'C' }, 'en'],
    [{ LANG: 'pl_PL.UTF-8', LC_ALL: '', LC_MESSAGES: '' }, 'pl'],
    [{ LANG: 'plt_MG' }, 'en'],
    [{}, 'en'],
  ])('%j means %s', (environment, locale) => expect(localeOf(environment)).toBe(locale));
});
