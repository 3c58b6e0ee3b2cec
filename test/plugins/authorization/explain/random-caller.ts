import fc from 'fast-check';
import { type GraphQLSchema, isObjectType } from 'graphql';
import type { Caller } from '#contract/caller.ts';
import { callerWith } from '../support/guarded-graph.ts';

/** Callers with rights that nobody thought of, over the types, fields and subgraphs of a graph. */
export function randomCaller(
  schema: GraphQLSchema,
  subgraphs: readonly string[],
): fc.Arbitrary<Caller> {
  const types = Object.values(schema.getTypeMap()).filter(
    (type) => isObjectType(type) && !type.name.startsWith('__'),
  );
  const fields = types.flatMap((type) =>
    isObjectType(type) ? Object.keys(type.getFields()).map((field) => `${type.name}.${field}`) : [],
  );
  const some = <Value>(values: readonly Value[]) => fc.subarray([...values], { minLength: 1 });
  const maybe = <Value>(value: fc.Arbitrary<Value>) =>
    fc.option(value, { nil: undefined, freq: 4 });
  const on = fc.oneof(
    { weight: 1, arbitrary: fc.constant('*') },
    { weight: 6, arbitrary: fc.constantFrom(...types.map(({ name }) => name)) },
    { weight: 6, arbitrary: fc.constantFrom(...fields) },
    { weight: 3, arbitrary: fc.constantFrom(...subgraphs.map((name) => `subgraph:${name}`)) },
  );
  const grant = fc
    .record({
      actions: fc.oneof(
        { weight: 9, arbitrary: fc.constant(['READ']) },
        { weight: 1, arbitrary: some(['CREATE', 'UPDATE', 'PUBLISH']) },
      ),
      on,
      environments: maybe(some(['env_1', 'env_2'])),
      stages: maybe(some(['PUBLISHED', 'DRAFT'])),
      locales: maybe(some(['en', 'de'])),
      where: maybe(fc.constantFrom({ id: '1' }, { id_in: ['2', '3'] }, { name_not: null })),
    })
    .map((parts) => Object.fromEntries(Object.entries(parts).filter(([, each]) => each)));
  return fc
    .record({
      kind: fc.constantFrom('key' as const, 'key' as const, 'session' as const, 'jwt' as const),
      grants: fc.array(grant, { maxLength: 8 }),
      scopes: fc.subarray(['s1', 's2', 's3']),
      environment: fc.constantFrom(null, 'env_1', 'env_2'),
    })
    .map(({ kind, grants, scopes, environment }) =>
      callerWith([...grants, { actions: ['READ'], on: 'subgraph:authorization' }], scopes, {
        kind,
        environment,
        credentialId: 'key_1',
      }),
    );
}
