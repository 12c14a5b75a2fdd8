import { describe, expect, it } from 'vitest';
import { readForm, readJsonForm } from './form.ts';

const sent = (type: string | undefined, body?: string | Uint8Array<ArrayBuffer>): Request =>
  new Request('http://a.example/', {
    method: 'POST',
    headers: type === undefined ? {} : { 'content-type': type },
    ...(body === undefined ? {} : { body }),
  });

describe('what a page sends back', () => {
  it('is read: fields, or an object', async () => {
    expect((await readForm(sent('application/x-www-form-urlencoded; charset=UTF-8', 'a=1&b=%C5%BC'))).get('b')).toBe('ż');
    expect((await readForm(sent('application/x-www-form-urlencoded'))).size).toBe(0);
    expect(await readJsonForm(sent('application/json', '{"a":1}'))).toEqual({ a: 1 });
  });

  it.each(['', '[]', 'null', '{', '1'])('is refused when it is no object: %j', async (body) => {
    await expect(readJsonForm(sent('application/json', body))).rejects.toMatchObject({ code: 'USAGE' });
  });

  it('is refused as another type, and beyond its size', async () => {
    await expect(readForm(sent('text/plain', 'a=1'))).rejects.toMatchObject({ code: 'USAGE' });
    await expect(readJsonForm(sent(undefined, new Uint8Array(2)))).rejects.toMatchObject({ code: 'USAGE' });
    const large = `a=${'x'.repeat(64 * 1024)}`;
    await expect(readForm(sent('application/x-www-form-urlencoded', large))).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
  });
});
