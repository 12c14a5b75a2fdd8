/** Whether the last digit is the one that Luhn's formula gives, as on payment cards. Spaces and dashes count for nothing. See ISO/IEC 7812-1, annex B. */
export function isLuhn(number: string): bool {
  let sum = 0;
  let digits = 0;
  for (let at = number.length - 1; at >= 0; at--) {
    const code = number.charCodeAt(at);
    if (code == 0x20 || code == 0x2d) continue;
    if (code < 0x30 || code > 0x39) return false;
    const digit = code - 0x30;
    const doubled = digits % 2 == 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
    digits++;
  }
  return digits > 1 && sum % 10 == 0;
}

/** Whether the check digits of an IBAN fit: its number, rearranged, is 1 modulo 97. Spaces count for nothing. See ISO 13616-1. */
export function isIban(number: string): bool {
  const plain = compact(number);
  if (plain.length < 15 || plain.length > 34) return false;
  for (let at = 0; at < 4; at++) {
    const code = plain.charCodeAt(at);
    if (at < 2 ? code < 0x41 || code > 0x5a : code < 0x30 || code > 0x39) return false;
  }
  let rest = 0;
  for (let at = 0; at < plain.length; at++) {
    const code = plain.charCodeAt((at + 4) % plain.length);
    if (code >= 0x30 && code <= 0x39) rest = (rest * 10 + code - 0x30) % 97;
    else if (code >= 0x41 && code <= 0x5a) rest = (rest * 100 + code - 0x37) % 97;
    else return false;
  }
  return rest == 1;
}

/** The country of an IBAN: its first two letters. */
export function ibanCountry(number: string): string {
  return compact(number).substring(0, 2);
}

/** Without spaces, in capitals. */
function compact(number: string): string {
  let out = '';
  for (let at = 0; at < number.length; at++) {
    const code = number.charCodeAt(at);
    if (code != 0x20) out += String.fromCharCode(code >= 0x61 && code <= 0x7a ? code - 0x20 : code);
  }
  return out;
}
