const fields = ['protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname', 'search', 'hash'] as const;

/**
 * Takes an address apart for a guest, after changing one field when asked: JSON `[href, base, field, value]` in, JSON of the parts out, `null`
 * when it is no address. @see https://url.spec.whatwg.org/
 */
export const takeUrlApart = (request: string): string => {
  try {
    const [href, base, field, value] = JSON.parse(request) as [string, string | null, string | null, string | null];
    const url = new URL(href, base ?? undefined);
    const wanted = fields.find((each) => each === field);
    if (wanted !== undefined && typeof value === 'string') url[wanted] = value;
    return JSON.stringify({ href: url.href, origin: url.origin, ...Object.fromEntries(fields.map((each) => [each, url[each]])) });
  } catch {
    return 'null';
  }
};
