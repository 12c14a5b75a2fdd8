import { Fields } from './fields';
import { done, failed, orders, quoted, taken, unknown } from './guest';
import { ibanCountry, isIban, isLuhn } from './numbers';
import { adler32, crc32, distance } from './texts';

export { alloc } from './guest';

/** The one way in. */
export function invoke(order: i32, head: usize, headLength: i32, body: usize, bodyLength: i32): i64 {
  const name = taken(head, headLength);
  const input = taken(body, bodyLength);
  if (order != orders.call) return unknown;
  const fields = new Fields(input);
  if (name == 'checksum') return checksum(fields.get('text'), fields.get('algorithm'));
  if (name == 'checkNumber') return checkNumber(fields.get('number'), fields.get('kind'));
  if (name == 'distance') return distanceOf(fields.get('from'), fields.get('to'));
  return unknown;
}

function checksum(text: string, algorithm: string): i64 {
  const bytes = Uint8Array.wrap(String.UTF8.encode(text));
  const value = algorithm == 'adler32' ? adler32(bytes) : crc32(bytes);
  return done('{"hex":"' + value.toString(16).padStart(8, '0') + '","value":' + value.toString() + '}');
}

function checkNumber(number: string, kind: string): i64 {
  if (kind != 'iban') return done('{"valid":' + isLuhn(number).toString() + '}');
  const valid = isIban(number);
  return done('{"valid":' + valid.toString() + (valid ? ',"country":' + quoted(ibanCountry(number)) : '') + '}');
}

/** Characters of a text; a longer one would take its time. */
const longest = 4_000;

function distanceOf(from: string, to: string): i64 {
  if (from.length > longest || to.length > longest)
    return failed('TEXT_TOO_LONG', 'A text has more than ' + longest.toString() + ' characters.');
  return done(distance(from, to).toString());
}
