/** CRC-32 as zip, gzip and PNG use it: polynomial 0xEDB88320, reflected. See RFC 1952, section 8. */
export function crc32(bytes: Uint8Array): u32 {
  let sum: u32 = 0xffffffff;
  for (let at = 0; at < bytes.length; at++) {
    sum ^= bytes[at];
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum;
}

/** Adler-32 as zlib uses it. See RFC 1950, section 9. */
export function adler32(bytes: Uint8Array): u32 {
  let low: u32 = 1;
  let high: u32 = 0;
  for (let at = 0; at < bytes.length; at++) {
    low = (low + bytes[at]) % 65521;
    high = (high + low) % 65521;
  }
  return (high << 16) | low;
}

/** Levenshtein distance in UTF-16 code units: the fewest insertions, deletions and replacements from one text to the other. */
export function distance(from: string, to: string): i32 {
  const row = new StaticArray<i32>(to.length + 1);
  for (let at = 0; at <= to.length; at++) row[at] = at;
  for (let above = 0; above < from.length; above++) {
    let diagonal = above;
    row[0] = above + 1;
    for (let at = 0; at < to.length; at++) {
      const changed = diagonal + (from.charCodeAt(above) == to.charCodeAt(at) ? 0 : 1);
      diagonal = row[at + 1];
      row[at + 1] = min(changed, min(diagonal, row[at]) + 1);
    }
  }
  return row[to.length];
}
