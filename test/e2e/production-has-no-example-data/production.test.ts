import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { createSigningKey } from '#contract/signing-keys.ts';
import { runCastellan, startCastellan } from '#test/support/castellan-process.ts';
import { ask, bearer } from '#test/support/client.ts';

t.test(
  'production: nothing is seeded or printed, init makes the owner once, cookies are Secure',
  async (t) => {
    const folder = t.testdir();
    const env = {
      NODE_ENV: 'production',
      CASTELLAN_DATA: folder,
      CASTELLAN_SIGNING_KEY: createSigningKey(),
      CASTELLAN_PEPPER: `v1:${randomBytes(32).toString('base64')}`,
      LOG_LEVEL: 'warn',
    };
    const first = await startCastellan(['start'], env, 'GraphQL');
    t.notOk(first.facts.has('Owner') || first.facts.has('API key'));
    await first.stop();
    t.notOk(existsSync(path.join(folder, 'pepper')), 'no secret is made');

    const nobody = await runCastellan(['init'], env);
    t.equal(nobody.code, 2);
    const init = await runCastellan(['init', '--email', 'boss@example.com'], env);
    t.equal(init.code, 0, init.stderr);
    const [, password = ''] = /^Owner {2}boss@example\.com {2}(\S+)$/m.exec(init.stdout) ?? [];
    const [, key = ''] = /^API key {2}(cst_live_\w{49})$/m.exec(init.stdout) ?? [];
    const again = await runCastellan(['init', '--email', 'boss@example.com'], env);
    t.equal(again.code, 1);
    t.match(again.stderr, /has an owner already/);

    const second = await startCastellan(['start'], env, 'GraphQL');
    t.teardown(() => second.stop());
    const url = (second.facts.get('GraphQL') ?? '').replace(/\/graphql$/, '');
    t.match((await ask(url, '{ viewer { email posts { id } } }', bearer(key))).data, {
      viewer: { email: 'boss@example.com', posts: [] },
    });
    const signIn = await fetch(`${url}/api/auth/sign-in/email`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'boss@example.com', password }),
    });
    const cookie = signIn.headers.getSetCookie()[0] ?? '';
    t.match(
      cookie,
      /^__Secure-castellan\.session_token=.*; HttpOnly; .*Secure|^__Secure-castellan\.session_token=.*Secure.*HttpOnly/,
    );
  },
);
