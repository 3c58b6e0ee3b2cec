import t from 'tap';
import { judgeSite, type SiteFacts } from '#plugins/auth/cross-site.ts';

const plain: SiteFacts = {
  host: 'api.example.com',
  protocol: 'https',
  origin: undefined,
  fetchSite: undefined,
  contentType: undefined,
  hasBody: false,
};

t.test(
  'a request with a cookie must come from a page of the same origin, or from no page',
  async (t) => {
    const table: [string, Partial<SiteFacts>, string][] = [
      ['neither header', {}, 'same-site'],
      ['our origin', { origin: 'https://api.example.com' }, 'same-site'],
      [
        'our origin, port spelt out by the client',
        { origin: 'https://api.example.com', host: 'api.example.com:443' },
        'same-site',
      ],
      [
        'our origin with a port',
        { origin: 'http://localhost:4000', host: 'localhost:4000', protocol: 'http' },
        'same-site',
      ],
      ['TLS ends before us', { origin: 'https://api.example.com', protocol: 'http' }, 'same-site'],
      ['an http page of our host', { origin: 'http://api.example.com' }, 'cross-site'],
      ['another host', { origin: 'https://evil.example' }, 'cross-site'],
      ['a neighbour', { origin: 'https://www.example.com' }, 'cross-site'],
      [
        'another port',
        { origin: 'http://localhost:3000', host: 'localhost:4000', protocol: 'http' },
        'cross-site',
      ],
      ['our name in front', { origin: 'https://api.example.com.evil.example' }, 'cross-site'],
      ['our name as user', { origin: 'https://api.example.com@evil.example' }, 'cross-site'],
      ['an opaque origin', { origin: 'null' }, 'cross-site'],
      ['an empty origin', { origin: '' }, 'cross-site'],
      ['two origins', { origin: 'https://api.example.com, https://evil.example' }, 'cross-site'],
      ['a path', { origin: 'https://api.example.com/' }, 'cross-site'],
      ['another scheme', { origin: 'ftp://api.example.com' }, 'cross-site'],
      ['no host of our own', { origin: 'https://api.example.com', host: '' }, 'cross-site'],
      ['Sec-Fetch-Site: same-origin', { fetchSite: 'same-origin' }, 'same-site'],
      ['Sec-Fetch-Site: none', { fetchSite: 'none' }, 'same-site'],
      ['Sec-Fetch-Site: same-site', { fetchSite: 'same-site' }, 'cross-site'],
      ['Sec-Fetch-Site: cross-site', { fetchSite: 'cross-site' }, 'cross-site'],
      ['a value of tomorrow', { fetchSite: 'same-party' }, 'cross-site'],
      [
        'cross-site with our origin',
        { fetchSite: 'cross-site', origin: 'https://api.example.com' },
        'cross-site',
      ],
      [
        'same-origin with another origin',
        { fetchSite: 'same-origin', origin: 'https://evil.example' },
        'cross-site',
      ],
    ];
    for (const [name, facts, expected] of table) {
      t.equal(judgeSite({ ...plain, ...facts }), expected, name);
    }
  },
);

t.test(
  'a body that comes with a cookie is JSON, which no form of another site can send',
  async (t) => {
    const table: [string | undefined, string][] = [
      ['application/json', 'same-site'],
      ['Application/JSON; charset=utf-8', 'same-site'],
      ['application/graphql+json', 'same-site'],
      ['application/graphql', 'same-site'],
      ['text/plain', 'wrong-content-type'],
      ['text/plain; application/json', 'wrong-content-type'],
      ['text/plain, application/json', 'wrong-content-type'],
      ['application/x-www-form-urlencoded', 'wrong-content-type'],
      ['multipart/form-data; boundary=x', 'wrong-content-type'],
      ['', 'wrong-content-type'],
      [undefined, 'wrong-content-type'],
    ];
    for (const [contentType, expected] of table) {
      t.equal(judgeSite({ ...plain, contentType, hasBody: true }), expected, String(contentType));
      t.equal(
        judgeSite({ ...plain, contentType, hasBody: false }),
        'same-site',
        `no body, ${contentType}`,
      );
    }
  },
);
