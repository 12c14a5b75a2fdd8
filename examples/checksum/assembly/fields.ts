/**
 * The top level of a JSON object, read once: texts are taken out of their quotes, everything else is kept as it is written. The host hands over
 * valid JSON, so nothing is checked here.
 */
export class Fields {
  private values: Map<string, string> = new Map<string, string>();
  private at: i32 = 0;

  constructor(private json: string) {
    this.skip();
    this.at++;
    while (true) {
      this.skip();
      const code = this.json.charCodeAt(this.at);
      if (code == 0x2c) this.at++;
      else if (code == 0x22) {
        const name = this.text();
        this.skip();
        this.at++;
        this.skip();
        this.values.set(name, this.json.charCodeAt(this.at) == 0x22 ? this.text() : this.raw());
      } else break;
    }
  }

  /** The value of a field; empty when there is none. */
  get(name: string): string {
    return this.values.has(name) ? this.values.get(name) : '';
  }

  private skip(): void {
    while (this.at < this.json.length && this.json.charCodeAt(this.at) <= 0x20) this.at++;
  }

  private text(): string {
    let out = '';
    let from = ++this.at;
    while (true) {
      const code = this.json.charCodeAt(this.at);
      if (code == 0x22) break;
      if (code == 0x5c) {
        out += this.json.substring(from, this.at) + this.escaped();
        from = this.at;
      } else this.at++;
    }
    out += this.json.substring(from, this.at);
    this.at++;
    return out;
  }

  private escaped(): string {
    const code = this.json.charCodeAt(this.at + 1);
    this.at += 2;
    if (code == 0x75) {
      this.at += 4;
      let unit = 0;
      for (let at = this.at - 4; at < this.at; at++) unit = unit * 16 + digit(this.json.charCodeAt(at));
      return String.fromCharCode(unit);
    }
    if (code == 0x6e) return '\n';
    if (code == 0x74) return '\t';
    if (code == 0x72) return '\r';
    if (code == 0x62) return '\b';
    if (code == 0x66) return '\f';
    return String.fromCharCode(code);
  }

  /** A value that is no text, up to what ends it. */
  private raw(): string {
    const from = this.at;
    let depth = 0;
    while (this.at < this.json.length) {
      const code = this.json.charCodeAt(this.at);
      if (depth == 0 && (code == 0x2c || code == 0x7d)) break;
      if (code == 0x22) this.text();
      else {
        if (code == 0x7b || code == 0x5b) depth++;
        if (code == 0x7d || code == 0x5d) depth--;
        this.at++;
      }
    }
    return this.json.substring(from, this.at).trim();
  }
}

function digit(code: i32): i32 {
  return code <= 0x39 ? code - 0x30 : (code | 0x20) - 0x57;
}
