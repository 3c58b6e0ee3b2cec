import t from 'tap';
import { userAgentFamily } from '#plugins/auth/user-agent-family.ts';

t.test('a program is known by its family, and by nothing more', async (t) => {
  const webkit = 'AppleWebKit/537.36 (KHTML, like Gecko)';
  const table: [string | undefined, string | null][] = [
    ['curl/8.5.0', 'curl'],
    ['Wget/1.21', 'Wget'],
    ['node', 'Node.js'],
    ['undici', 'Node.js'],
    ['node-fetch/1.0 (+https://github.com/bitinn/node-fetch)', 'Node.js'],
    ['python-requests/2.31.0', 'Python'],
    ['Python/3.12 aiohttp/3.9.1', 'Python'],
    ['Go-http-client/2.0', 'Go'],
    ['okhttp/4.12.0', 'OkHttp'],
    ['PostmanRuntime/7.36.0', 'Postman'],
    ['axios/1.6.2', 'axios'],
    [`Mozilla/5.0 (Windows NT 10.0) ${webkit} Chrome/120.0.0.0 Safari/537.36`, 'Chrome'],
    [`Mozilla/5.0 (Windows NT 10.0) ${webkit} Chrome/120.0 Safari/537.36 Edg/120.0`, 'Edge'],
    ['Mozilla/5.0 (X11; Linux x86_64; rv:121.0) Gecko/20100101 Firefox/121.0', 'Firefox'],
    ['Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 Version/17.0 Safari/605.1.15', 'Safari'],
    ['somebody@example.com', null],
    [`${'x'.repeat(300)} curl/8`, null],
    ['', null],
    [undefined, null],
  ];
  for (const [header, family] of table) t.equal(userAgentFamily(header), family, String(header));
});
