/** A SIP message as text, read with as little understanding as a test needs. */
export class RawMessage {
  readonly text: string;
  readonly source: { readonly address: string; readonly port: number };
  readonly #lines: readonly string[];

  constructor(text: string, source: { readonly address: string; readonly port: number }) {
    this.text = text;
    this.source = source;
    this.#lines = (text.split('\r\n\r\n')[0] ?? '').split('\r\n');
  }

  get firstLine(): string {
    return this.#lines[0] ?? '';
  }

  /** 0 for a request. */
  get status(): number {
    return Number(/^SIP\/2\.0 (\d{3})/.exec(this.firstLine)?.[1] ?? 0);
  }

  /** Of a request its method; of a response that of its CSeq. */
  get method(): string {
    return this.status === 0 ? (this.firstLine.split(' ')[0] ?? '') : (this.header('CSeq').split(' ')[1] ?? '');
  }

  get uri(): string {
    return this.firstLine.split(' ')[1] ?? '';
  }

  all(name: string): string[] {
    const prefix = `${name.toLowerCase()}:`;
    return this.#lines
      .filter((line) => line.toLowerCase().startsWith(prefix))
      .map((line) => line.slice(prefix.length).trim());
  }

  /** The first value, or the empty string. */
  header(name: string): string {
    return this.all(name)[0] ?? '';
  }

  tag(name: 'From' | 'To'): string {
    return /;tag=([^;>\s]+)/.exec(this.header(name))?.[1] ?? '';
  }

  get body(): string {
    const start = this.text.indexOf('\r\n\r\n');
    return start < 0 ? '' : this.text.slice(start + 4);
  }

  /** The SDP's lines that begin so. */
  sdp(prefix: string): string[] {
    return this.body.split('\r\n').filter((line) => line.startsWith(prefix));
  }
}
