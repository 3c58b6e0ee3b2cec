import t from 'tap';
import { Type } from 'typebox';
import { readOptions } from '#contract/options.ts';

const schema = Type.Object(
  { limits: Type.Record(Type.String(), Type.Integer()), policies: Type.Any() },
  { additionalProperties: false },
);

t.test('functions may stand in options, and everything else is copied and frozen', async (t) => {
  const policy = () => true;
  const given = { limits: { depth: 3 }, policies: { byName: policy, all: [policy] } };
  const options = readOptions(schema, given, 'test');
  given.limits.depth = 4;
  t.equal(options.limits.depth, 3);
  t.equal(options.policies.byName, policy);
  t.equal(options.policies.all[0], policy);
  t.ok(Object.isFrozen(options.limits) && Object.isFrozen(options.policies.all));
});

t.test('a wrong option is refused by its path', async (t) => {
  const refused = { code: 'CONFIGURATION_INVALID' };
  t.throws(() => readOptions(schema, { limits: { depth: 'x' } }, 'test'), refused);
  t.throws(() => readOptions(schema, { limits: {}, other: 1 }, 'test'), {
    ...refused,
    message: /test: other is not an option|policies/,
  });
});
