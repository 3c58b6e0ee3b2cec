import fc from 'fast-check';
import t from 'tap';
import { createApiKey, isApiKeyShaped } from '#contract/api-key.ts';
import { isSessionShaped, SECURE_SESSION_COOKIE, SESSION_COOKIE } from '#contract/identity.ts';
import { readCredential } from '#plugins/auth/credential.ts';
import { sessionText } from './support/auth-app.ts';

const key = createApiKey('live');
const noOutside = () => null;
const session = sessionText();
const encoded = encodeURIComponent(session);
const byHeader = (kind: 'key' | 'session', text: string) => ({
  kind: 'credential',
  source: 'authorization',
  credential: { kind, text },
});
const byCookie = {
  kind: 'credential',
  source: 'cookie',
  credential: { kind: 'session', text: session },
};
const bad = (source: string, reason: string) => ({ kind: 'malformed', source, reason });

t.test('a credential is read from the Authorization header or the session cookie', async (t) => {
  const table: [string, { authorization?: string; cookie?: string }, object][] = [
    ['nothing', {}, { kind: 'none' }],
    ['other cookies', { cookie: 'a=b; c=d' }, { kind: 'none' }],
    [
      'a cookie whose name only ends alike',
      { cookie: `x${SESSION_COOKIE}=${session}` },
      { kind: 'none' },
    ],
    [
      'the cookie of production',
      { cookie: `${SECURE_SESSION_COOKIE}=${encoded}` },
      { kind: 'none' },
    ],
    ['Bearer', { authorization: `Bearer ${key}` }, byHeader('key', key)],
    ['Token', { authorization: `Token ${key}` }, byHeader('key', key)],
    ['any case', { authorization: `bEARER ${key}` }, byHeader('key', key)],
    ['a session as Bearer', { authorization: `Bearer ${session}` }, byHeader('session', session)],
    [
      'a session copied from its cookie',
      { authorization: `Bearer ${encoded}` },
      byHeader('session', session),
    ],
    ['the cookie', { cookie: `a=b; ${SESSION_COOKIE}=${encoded}; c=d` }, byCookie],
    ['the cookie, not encoded', { cookie: `${SESSION_COOKIE}=${session}` }, byCookie],
    ['no scheme', { authorization: key }, bad('authorization', 'scheme')],
    ['Basic', { authorization: 'Basic YTpi' }, bad('authorization', 'scheme')],
    ['an empty header', { authorization: '' }, bad('authorization', 'scheme')],
    ['a scheme alone', { authorization: 'Bearer' }, bad('authorization', 'token')],
    ['two spaces', { authorization: `Bearer  ${key}` }, bad('authorization', 'token')],
    ['a tab', { authorization: `Bearer\t${key}` }, bad('authorization', 'scheme')],
    ['a space behind', { authorization: `Bearer ${key} ` }, bad('authorization', 'token')],
    ['two tokens', { authorization: `Bearer ${key},${key}` }, bad('authorization', 'token')],
    ['half a key', { authorization: `Bearer ${key.slice(0, 30)}` }, bad('authorization', 'token')],
    [
      'a key with a wrong digit',
      { authorization: `Bearer ${key.slice(0, -1)}${key.endsWith('a') ? 'b' : 'a'}` },
      bad('authorization', 'token'),
    ],
    [
      'a look-alike letter',
      { authorization: `Bearer ${key.replace('c', 'с')}` },
      bad('authorization', 'token'),
    ],
    [
      'a megabyte',
      { authorization: `Bearer ${'a'.repeat(1_000_000)}` },
      bad('authorization', 'token'),
    ],
    ['a broken percent', { authorization: 'Bearer %' }, bad('authorization', 'token')],
    [
      'a bad header beside a good cookie',
      { authorization: 'Basic YTpi', cookie: `${SESSION_COOKIE}=${session}` },
      bad('authorization', 'scheme'),
    ],
    [
      'a good header beside a cookie',
      { authorization: `Bearer ${key}`, cookie: `${SESSION_COOKIE}=${session}` },
      byHeader('key', key),
    ],
    ['a key as cookie', { cookie: `${SESSION_COOKIE}=${key}` }, bad('cookie', 'token')],
    ['an empty cookie', { cookie: `${SESSION_COOKIE}=` }, bad('cookie', 'token')],
    [
      'a broken percent in the cookie',
      { cookie: `${SESSION_COOKIE}=%E0%A4%A` },
      bad('cookie', 'token'),
    ],
    [
      'the cookie twice',
      { cookie: `${SESSION_COOKIE}=${session}; ${SESSION_COOKIE}=${session}` },
      bad('cookie', 'ambiguous'),
    ],
  ];
  for (const [name, headers, expected] of table) {
    t.same(
      readCredential(
        headers,
        headers.authorization === undefined ? 0 : 1,
        SESSION_COOKIE,
        noOutside,
      ),
      expected,
      name,
    );
  }
});

t.test('two Authorization headers are no credential, even when they agree', async (t) => {
  const presented = readCredential(
    { authorization: `Bearer ${key}` },
    2,
    SESSION_COOKIE,
    noOutside,
  );
  t.same(presented, bad('authorization', 'ambiguous'));
});

t.test('no text makes the reader throw, and only well-formed credentials come out', async () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      ' ',
      'Bearer ',
      'Token ',
      ';',
      '=',
      '%',
      '.',
      SESSION_COOKIE,
      key,
      session,
      encoded,
    ),
  );
  const text = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''));
  const header = fc.option(text, { nil: undefined });
  fc.assert(
    fc.property(header, header, (authorization, cookie) => {
      const presented = readCredential({ authorization, cookie }, 1, SESSION_COOKIE, noOutside);
      if (presented.kind !== 'credential') return true;
      const { kind, text } = presented.credential;
      if (authorization !== undefined && presented.source === 'cookie') return false;
      return kind === 'key' ? isApiKeyShaped(text) : isSessionShaped(text);
    }),
    { numRuns: 5_000 },
  );
});
