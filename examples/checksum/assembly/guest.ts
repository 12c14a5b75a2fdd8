// What every module in AssemblyScript for Burgeon needs, see docs/abi.md. Copy it.

// The last answer: the collector must not take it before the host has copied it.
let given: ArrayBuffer = new ArrayBuffer(0);

/** Memory for a text that the host hands over. */
export function alloc(length: i32): usize {
  return heap.alloc(length);
}

/** Reads a text that was handed over, and frees it. */
export function taken(pointer: usize, length: i32): string {
  if (length == 0) return '';
  const text = String.UTF8.decodeUnsafe(pointer, length);
  heap.free(pointer);
  return text;
}

/** The answer of an operation: a value in JSON. */
export function done(json: string): i64 {
  return handedOver('+' + json);
}

/** The answer of an operation that could not be carried out. `code` is one of the errors that its interface names. */
export function failed(code: string, message: string): i64 {
  return handedOver('-{"message":' + quoted(message) + ',"data":{"code":' + quoted(code) + '}}');
}

/** The answer to an order that the module has nothing for. */
export const unknown: i64 = 0;

/** Orders, as they are numbered on the wire. */
export namespace orders {
  export const call: i32 = 2;
  export const message: i32 = 3;
  export const snapshot: i32 = 4;
  export const restore: i32 = 5;
  export const dispose: i32 = 6;
}

/** A text as a JSON string. */
export function quoted(text: string): string {
  let out = '"';
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code == 0x22 || code == 0x5c) out += '\\' + String.fromCharCode(code);
    else if (code < 0x20) out += '\\u' + code.toString(16).padStart(4, '0');
    else out += String.fromCharCode(code);
  }
  return out + '"';
}

function handedOver(text: string): i64 {
  given = String.UTF8.encode(text);
  return ((changetype<usize>(given) as i64) << 32) | given.byteLength;
}
