import t from 'tap';
import type { Caller } from '#contract/caller.ts';
import type { Policy } from '#plugins/authorization/index.ts';
import { startGuarded } from './support/guarded-gateway.ts';
import { callerWith } from './support/guarded-graph.ts';

const readers: Readonly<Record<string, Caller>> = {
  adult: callerWith([{ actions: ['READ'], on: '*' }], [], { subject: 'adult' }),
  child: callerWith([{ actions: ['READ'], on: '*' }], [], { subject: 'child' }),
};

const asked: string[] = [];
const policy =
  (name: string, decide: Policy): Policy =>
  (caller, request) => {
    asked.push(name);
    return decide(caller, request);
  };

let isOpenNow = true;
const gateway = await startGuarded(
  t,
  {
    shop: {
      typeDefs: `
        type Query {
          wine: Wine  water: String  late: String @policy(policies: [["late"]])
          both: String @policy(policies: [["adult", "open"]])
          either: String @policy(policies: [["adult"], ["open"]])
          broken: String @policy(policies: [["broken"]])
          unknown: String @policy(policies: [["nobody-defined"]])
          inherited: String @policy(policies: [["constructor"]])
          truthy: String @policy(policies: [["truthy"]])
          cellar: Cellar
        }
        type Wine @policy(policies: [["adult"]]) { name: String }
        type Cellar { key: String @policy(policies: [["adult"]]) }`,
      resolvers: {
        Query: Object.fromEntries(
          ['water', 'late', 'both', 'either', 'broken', 'unknown', 'inherited', 'truthy']
            .map((name): [string, () => unknown] => [name, () => name])
            .concat([
              ['wine', () => ({ name: 'red' })],
              ['cellar', () => ({ key: 'under the stone' })],
            ]),
        ),
      },
    },
  },
  readers,
  {
    policyTimeoutMs: 50,
    policies: {
      adult: policy('adult', ({ subject }) => subject === 'adult'),
      open: policy('open', async () => isOpenNow),
      late: policy('late', () => new Promise(() => {})),
      broken: policy('broken', () => {
        throw new Error('no idea');
      }),
      truthy: policy('truthy', () => 'yes' as never),
    },
  },
);

async function run(caller: string, query: string) {
  asked.length = 0;
  const answer = await gateway.ask(caller, { query });
  return (await answer.json()) as {
    data: Record<string, unknown>;
    errors?: { path: string[]; extensions: { code: string; authorization: unknown } }[];
  };
}

t.test(
  'a policy decides about whoever asks, and what it guards is otherwise not fetched',
  async (t) => {
    t.same((await run('adult', '{ wine { name } }')).data, { wine: { name: 'red' } });
    gateway.calls.length = 0;
    const { data, errors } = await run('child', '{ wine { name } }');
    t.same(data, { wine: null });
    t.match(errors, [
      {
        path: ['wine'],
        extensions: {
          code: 'FORBIDDEN',
          authorization: { coordinate: 'Query.wine', missing: 'policy "adult"' },
        },
      },
    ]);
    t.equal(errors?.length, 1);
    t.same(gateway.calls, []);
  },
);

t.test('a policy is asked once a request, and only where it has a say', async (t) => {
  await run('adult', '{ water }');
  t.same(asked, []);
  await run('adult', '{ a: wine { name } b: wine { name } both either cellar { key } }');
  t.same([...asked].sort(), ['adult', 'open']);
  await run('adult', '{ water wine @skip(if: true) { name } }');
  t.same(asked, [], 'and not for what is skipped');
  asked.length = 0;
  await gateway.ask('adult', [{ query: '{ wine { name } }' }, { query: '{ either }' }]);
  t.same([...asked].sort(), ['adult', 'open'], 'the operations of a batch are one request');
});

t.test('all policies of one list are needed, or those of another', async (t) => {
  t.same((await run('adult', '{ both either }')).data, { both: 'both', either: 'either' });
  t.same((await run('child', '{ both either }')).data, { both: null, either: 'either' });
});

t.test('an outcome is that of its request alone', async (t) => {
  isOpenNow = false;
  t.same((await run('adult', '{ both }')).data, { both: null });
  isOpenNow = true;
  t.same((await run('adult', '{ both }')).data, { both: 'both' });
  isOpenNow = false;
  t.same((await run('child', '{ either }')).data, { either: null });
  isOpenNow = true;
});

t.test('a policy that fails, hangs, is unknown or says something else denies', async (t) => {
  for (const name of ['broken', 'late', 'unknown', 'inherited', 'truthy']) {
    const { data, errors } = await run('adult', `{ water ${name} }`);
    t.same(data, { water: 'water', [name]: null });
    t.equal(errors?.[0]?.extensions.code, 'FORBIDDEN', name);
  }
  t.match(gateway.logs(), /a policy that failed denies/);
  t.match(gateway.logs(), /a policy that nobody has defined denies/);
});

t.test('introspection shows what the policies let through at that moment', async (t) => {
  const query = '{ __schema { queryType { fields { name } } } __type(name: "Wine") { name } }';
  const names = ({ data }: Awaited<ReturnType<typeof run>>) =>
    (data.__schema as { queryType: { fields: { name: string }[] } }).queryType.fields.map(
      (field) => field.name,
    );
  const adult = await run('adult', query);
  t.ok(names(adult).includes('wine'));
  t.same(adult.data.__type, { name: 'Wine' });
  const child = await run('child', query);
  t.notOk(names(child).includes('wine'));
  t.notOk(names(child).includes('cellar'), 'a type of which nothing is left goes too');
  t.equal(child.data.__type, null);
});

t.test('what a type loses with a policy is denied where it stands', async (t) => {
  const { data, errors } = await run('child', '{ cellar { key } }');
  t.same(data, { cellar: null });
  t.match(errors, [{ path: ['cellar'], extensions: { code: 'FORBIDDEN' } }]);
  t.equal(errors?.length, 1);
});
