import path from 'node:path';
import t from 'tap';
import { startCastellan } from '#test/support/castellan-process.ts';
import { ask, bearer } from '#test/support/client.ts';
import { startWhole } from '#test/support/running-castellan.ts';
import { askAnew } from '#test/support/running-workers.ts';

t.jobs = 1;

const query = '{ explainAccess(operation: "{ posts { title } }") { outcome subgraphs } }';

t.test('each of several workers explains', async (t) => {
  const file = path.join(t.testdir(), 'castellan.db');
  const secret = { IDENTITY_SECRET: 'a-secret-of-identity-and-gateways' };
  const whole = await startWhole(t, { url: undefined, file }, secret);
  const key = whole.facts.get('API key') ?? '';
  await Promise.all(whole.processes.map((each) => each.stop()));
  const env = { CASTELLAN_DATA: whole.folder, ...secret };
  const identity = await startCastellan(['identity'], env, 'Identity');
  t.teardown(() => identity.stop());
  const gateway = await startCastellan(
    ['gateway', '--workers', '2'],
    { ...env, IDENTITY_URL: identity.facts.get('Identity') ?? '' },
    'GraphQL',
  );
  t.teardown(() => gateway.stop());
  const url = (gateway.facts.get('GraphQL') ?? '').replace(/\/graphql$/, '');
  const answers = await Promise.all(
    Array.from({ length: 20 }, () =>
      ask(url, query, { headers: { ...bearer(key).headers, connection: 'close' } }),
    ),
  );
  for (const { data } of answers) {
    t.same(data, { explainAccess: { outcome: 'ALLOWED', subgraphs: ['content'] } });
  }
});

t.test('with --open nobody is refused anything, and nobody is told of explanations', async (t) => {
  const gateway = await startCastellan(['gateway', '--open'], {}, 'GraphQL');
  t.teardown(() => gateway.stop());
  const url = (gateway.facts.get('GraphQL') ?? '').replace(/\/graphql$/, '');
  const shown = await askAnew(
    url,
    '{ __type(name: "AccessExplanation") { name } __schema { queryType { fields { name } } } }',
  );
  t.match(shown.data, { __type: null });
  t.match(shown.text, /"posts"/);
  t.notMatch(shown.text, /explainAccess/);
  t.match((await askAnew(url, query)).errors, [
    { extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } },
  ]);
  t.match(gateway.output(), /"subgraphs":\["authorization","cloudbeaver"\]/, 'its log says why');
});
