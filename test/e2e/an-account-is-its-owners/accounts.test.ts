import { ask, cookieOf, signUp } from '#test/support/client.ts';
import { onEachCastellan } from '#test/support/running-castellan.ts';

const PASSWORD = 'a long enough passphrase';
const NEW = 'another passphrase, and longer';

onEachCastellan('a reset by mail and an end of sessions reach every door', async (t, castellan) => {
  const { url, processes } = castellan;
  const email = 'ada@example.com';
  const post = (path: string, body: object, headers: Record<string, string> = {}) =>
    fetch(`${url}/api/auth${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const me = async (cookie: string) =>
    dataOf(await ask(url, '{ me { email } }', { headers: { cookie } })).me;
  const first = await signUp(url, email);
  t.match(await me(first), { email });
  const signedIn = await post('/sign-in/email', { email, password: PASSWORD });
  const second = cookieOf(signedIn);
  const token = ((await signedIn.json()) as { token: string }).token;
  const byToken = await ask(url, '{ me { email } }', {
    headers: { authorization: `Bearer ${token}` },
  });
  t.match(byToken.data, { me: { email } }, 'what a sign-in tells is what Bearer takes');

  const list = '{ mySessions { nodes { id isCurrent userAgent } } }';
  const found = dataOf(await ask(url, list, { headers: { cookie: second } }));
  const { nodes } = found.mySessions as { nodes: { id: string; isCurrent: boolean }[] };
  t.strictSame(nodes.map(({ isCurrent }) => isCurrent).sort(), [false, true]);
  const ended = await ask(url, 'mutation { endAllSessions }', { headers: { cookie: second } });
  t.strictSame(ended.data, { endAllSessions: 1 });
  t.match(await me(second), { email });
  await until(async () => !(await me(first)));

  t.equal((await post('/request-password-reset', { email })).status, 200);
  // Whichever of them is identity.
  const reset = await Promise.race(
    processes.map((each) =>
      each.whenOutput((output) => /reset-password:\\n\\n([A-Za-z0-9]{20,})\\n/.exec(output)?.[1]),
    ),
  );
  const done = await post('/reset-password', { token: reset, newPassword: NEW });
  t.equal(done.status, 200, await done.text());
  await until(async () => !(await me(second)));
  t.equal((await post('/sign-in/email', { email, password: NEW })).status, 200);

  // The answer of identity comes through the gateway whole.
  const stranger = { email: 'nobody@example.com', password: NEW };
  for (let count = 0; count < 5; count += 1) await post('/sign-in/email', stranger);
  const slowed = await post('/sign-in/email', stranger);
  t.equal(slowed.status, 429);
  t.equal(slowed.headers.get('retry-after'), '1');
  t.match(await slowed.json(), { errors: [{ extensions: { code: 'RATE_LIMITED' } }] });
  const crossSite = await post('/sign-in/email', stranger, { 'sec-fetch-site': 'cross-site' });
  t.equal(crossSite.status, 403);
  // A link in a mail: the browser comes from another site.
  const link = await fetch(`${url}/api/auth/verify-email?token=none`, {
    headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' },
  });
  t.equal(link.status, 401, 'it is looked at');
});

function dataOf({ data }: { readonly data?: unknown }): Record<string, unknown> {
  return (data ?? {}) as Record<string, unknown>;
}

/** Asks again until it holds: a gateway that asks identity over HTTP believes a caller for some seconds. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds()));
}
