/** The names under which an authority is reached. */
export class Hosts {
  /** Lower case, an IPv6 address in brackets. */
  readonly #names: ReadonlySet<string>;
  readonly #port: () => number;
  #known: { port: number; bases: readonly string[] } | undefined;

  /** @param names host names and addresses as they stand in a certificate: `localhost`, `127.0.0.1`, `::1` */
  constructor(names: readonly string[], port: () => number) {
    this.#names = new Set(names.map((name) => (name.includes(':') ? `[${name}]` : name).toLowerCase()));
    this.#port = port;
  }

  /** One URL for each name, without a trailing slash. */
  get bases(): readonly string[] {
    const port = this.#port();
    if (this.#known?.port !== port) {
      this.#known = {
        port,
        bases: Array.from(this.#names, (name) => `https://${name}${port === 443 ? '' : `:${port}`}`),
      };
    }
    return this.#known.bases;
  }

  /**
   * The URL under which a request came in, or `undefined` for a name that is none of ours: a page elsewhere may have
   * pointed its own name here (DNS rebinding). The port is not looked at, since a container's may be another outside.
   */
  baseOf(requestUrl: string): string | undefined {
    const [, host = ''] = /^https?:\/\/([^/?#]*)/.exec(requestUrl) ?? [];
    const lower = host.toLowerCase();
    const name = lower.replace(/:\d*$/, '');
    return this.#names.has(name) ? `https://${lower}` : undefined;
  }
}
