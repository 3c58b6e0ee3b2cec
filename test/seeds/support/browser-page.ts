import { runInNewContext } from 'node:vm';

/** A request that a page may send: what the console of a browser has. */
interface PageRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/**
 * A page of a site in a browser, as far as a script in its console can tell: where it is, its `fetch`, which sends the
 * cookies of the site and says whose page it is, and a console. The site is reached without TLS.
 */
export class BrowserPage {
  readonly #url: URL;
  /** The site whose page it is; its own unless another one is given. */
  readonly #origin: string;
  readonly #cookies = new Map<string, string>();
  readonly #logged: unknown[] = [];

  constructor(url: string, origin: string = url) {
    this.#url = new URL(url);
    this.#origin = origin;
  }

  /** Runs a script to the end of the promise that it ends with; answers what was written to the console. */
  async run(script: string): Promise<readonly unknown[]> {
    const from = this.#logged.length;
    const done: unknown = runInNewContext(script, {
      window: { location: { host: this.#url.host } },
      console: { log: (...values: readonly unknown[]) => this.#logged.push(...values) },
      fetch: (url: string, request?: PageRequest) => this.fetch(url, request),
    });
    await done;
    return this.#logged.slice(from);
  }

  async fetch(url: string, { method = 'GET', headers, body }: PageRequest = {}): Promise<Response> {
    const isOwn = this.#origin === this.#url.origin;
    const response = await fetch(url.replace(/^https:/, 'http:'), {
      method,
      redirect: 'manual',
      headers: {
        'sec-fetch-site': isOwn ? 'same-origin' : 'cross-site',
        ...((method !== 'GET' || !isOwn) && { origin: this.#origin }),
        ...(this.cookie !== '' && { cookie: this.cookie }),
        ...headers,
      },
      ...(body !== undefined && { body }),
    });
    for (const set of response.headers.getSetCookie()) this.keep(set);
    return response;
  }

  /** Sends a form, as a page with one does. */
  async submit(path: string, fields: Readonly<Record<string, string>>): Promise<Response> {
    return this.fetch(`${this.#url.origin}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(fields).toString(),
    });
  }

  /** Takes a `Set-Cookie`, or a pair of name and value. */
  keep(cookie: string): void {
    const [pair = ''] = cookie.split(';', 1);
    const split = pair.indexOf('=');
    if (/;\s*max-age=0/i.test(cookie)) this.#cookies.delete(pair.slice(0, split));
    else this.#cookies.set(pair.slice(0, split), pair.slice(split + 1));
  }

  /** The `Cookie` header that it sends. */
  get cookie(): string {
    return Array.from(this.#cookies, ([name, value]) => `${name}=${value}`).join('; ');
  }
}
