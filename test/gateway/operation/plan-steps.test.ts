import t from 'tap';
import { createOperationCache } from '#gateway/operation/operation-cache.ts';
import { defineConfig } from '#gateway/settings.ts';
import { loadSupergraph } from '#gateway/supergraph/supergraph.ts';
import { compose } from '#test/support/compose.ts';

const { limits, operationCache } = defineConfig({ plugins: [] }).settings;

t.test(
  'a field with an argument from a context is refused, its neighbours are served',
  async (t) => {
    const supergraph = await loadSupergraph(
      compose({
        one: `
        type Query { shop: Shop }
        type Shop @key(fields: "id") @context(name: "at") { id: ID! city: String! item: Item }
        type Item @key(fields: "id") {
          id: ID! tax(city: String @fromContext(field: "$at { city }")): Int
        }`,
        two: 'type Query { other: Int }',
      }),
    );
    t.teardown(() => supergraph.close());
    const operations = createOperationCache(supergraph, { limits, ...operationCache });
    const prepare = async (query: string) => operations.get(query, undefined, null);
    await t.rejects(prepare('{ shop { item { tax } } }'), {
      code: 'GRAPHQL_VALIDATION_FAILED',
      message: 'Fields with arguments from a context are not served',
    });
    t.ok(await prepare('{ shop { city item { id } } other }'));
  },
);
