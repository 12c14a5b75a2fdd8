/** Nothing lies below: 0 means "none". */
const firstOffset = 64;

const mostBlocks = 100_000;
const mostVariables = 1_000;

/** As much as Extism gives when nobody says otherwise. */
const mostVariableBytes: number = 1024 * 1024;

/**
 * What lies between an Extism plug-in and its host: blocks of bytes under numbers, the input, the output, variables. Our own, written after the
 * public description, in place of the kernel that Extism itself ships as WebAssembly.
 * @see https://extism.org/docs/concepts/memory
 */
export class Kernel {
  private readonly mostBytes: number;
  private arena: Buffer = Buffer.alloc(64 * 1024);
  private used = firstOffset;
  private readonly blocks = new Map<number, number>();
  private readonly variables = new Map<string, Buffer>();
  private inputAt = 0;
  private inputLength = 0;
  private result: { at: number; length: number } | undefined;
  private error = 0;

  constructor(mostBytes: number) {
    this.mostBytes = mostBytes;
  }

  /** Forgets everything but the variables and lays the input out. */
  begin(input: string): void {
    this.blocks.clear();
    this.used = firstOffset;
    this.result = undefined;
    this.error = 0;
    this.inputAt = this.store(Buffer.from(input));
    this.inputLength = this.length(this.inputAt);
  }

  /** What the plug-in gave out; empty when nothing. */
  output(): Buffer {
    return this.result ? this.arena.subarray(this.result.at, this.result.at + this.result.length) : Buffer.alloc(0);
  }

  /** Text of the error it set; undefined when it set none. */
  failure(): string | undefined {
    return this.error === 0 ? undefined : this.text(this.error);
  }

  /** Number of a new block; 0 when there is no room. */
  allocate(length: number): number {
    const end = this.used + length;
    if (length <= 0 || end > this.mostBytes || this.blocks.size >= mostBlocks) return 0;
    if (end > this.arena.length) this.grow(end);
    const at = this.used;
    this.blocks.set(at, length);
    this.arena.fill(0, at, end);
    this.used = end;
    return at;
  }

  /** Forgets a block. Room at the end is used again at once, other room with the next call. */
  free(at: number): void {
    const length = this.blocks.get(at);
    if (length === undefined) return;
    this.blocks.delete(at);
    if (at + length === this.used) this.used = at;
  }

  /** Bytes of a block; 0 when there is none. */
  length(at: number): number {
    return this.blocks.get(at) ?? 0;
  }

  /** Puts bytes into a new block. */
  store(bytes: Uint8Array): number {
    const at = this.allocate(bytes.length);
    if (at !== 0) this.arena.set(bytes, at);
    return at;
  }

  /** A block as text. */
  text(at: number): string {
    return this.bytes(at).toString('utf8');
  }

  /** A block. */
  bytes(at: number): Buffer {
    return this.arena.subarray(at, at + this.length(at));
  }

  /** One byte, or eight; 0 outside of what is in use. */
  read(at: number, eight: boolean): bigint {
    if (at < firstOffset || at + (eight ? 8 : 1) > this.used) return 0n;
    return eight ? this.arena.readBigUInt64LE(at) : BigInt(this.arena[at] ?? 0);
  }

  /** Writes one byte, or eight; nothing outside of what is in use. */
  write(at: number, value: bigint, eight: boolean): void {
    if (at < firstOffset || at + (eight ? 8 : 1) > this.used) return;
    if (eight) this.arena.writeBigUInt64LE(BigInt.asUintN(64, value), at);
    else this.arena[at] = Number(BigInt.asUintN(8, value));
  }

  /** Where the input is, and how long. */
  input(): { at: number; length: number } {
    return { at: this.inputAt, length: this.inputLength };
  }

  /** What of the arena is the output; false when it lies outside of what is in use. */
  giveOut(at: number, length: number): boolean {
    if (at < firstOffset || length < 0 || at + length > this.used) return length === 0;
    this.result = { at, length };
    return true;
  }

  /** Which block is the error; 0 takes it back. */
  complain(at: number): void {
    this.error = this.blocks.has(at) ? at : 0;
  }

  /** A variable that was kept. */
  variable(name: string): Buffer | undefined {
    return this.variables.get(name);
  }

  /** All variables, base64 by name. */
  allVariables(): Record<string, string> {
    return Object.fromEntries([...this.variables].map(([name, value]) => [name, value.toString('base64')]));
  }

  /** Keeps a variable over calls, or forgets it. False when all together would be too many bytes. */
  keep(name: string, value: Buffer | undefined): boolean {
    this.variables.delete(name);
    if (value === undefined) return true;
    let bytes = name.length + value.length;
    for (const [key, each] of this.variables) bytes += key.length + each.length;
    if (bytes > mostVariableBytes || this.variables.size >= mostVariables) return false;
    this.variables.set(name, Buffer.from(value));
    return true;
  }

  private grow(wanted: number): void {
    const larger = Buffer.alloc(Math.min(this.mostBytes, Math.max(wanted, this.arena.length * 2)));
    this.arena.copy(larger, 0, 0, this.used);
    this.arena = larger;
  }
}
