import { parse } from 'graphql';
import t, { type Test } from 'tap';
import {
  createPlanner,
  plannerOfOperation,
  plannerOfSupergraph,
} from '#gateway/plan/create-planner.ts';
import { readOverrides } from '#gateway/plan/overrides.ts';
import type { Plan } from '#gateway/plan/plan.ts';
import { type PlanningOptions, readPlanningOptions } from '#gateway/plan/planning-options.ts';
import { readMembers } from '#gateway/supergraph/members.ts';
import { loadSupergraph } from '#gateway/supergraph/supergraph.ts';
import { readSupergraphTypes } from '#gateway/supergraph/supergraph-types.ts';
import { compose } from '#test/support/compose.ts';

const plain = compose({
  one: 'type Query { me: User } type User @key(fields: "id") { id: ID! name: String }',
  two: 'type User @key(fields: "id") { id: ID! "@context @fromContext @defer" age: Int }',
});
const contextual = compose({
  one: `
    type Query { shop: Shop }
    type Shop @key(fields: "id") @context(name: "at") { id: ID! city: String! item: Item }
    type Item @key(fields: "id") { id: ID! tax(city: String @fromContext(field: "$at { city }")): Int }`,
  two: 'type Query { other: Int }',
});
const noBinary = async (): Promise<never> => {
  throw new Error('Cannot find native binding');
};

async function planWith(
  t: Test,
  supergraph: string,
  document: string,
  planner: PlanningOptions['planner'],
  loadHive?: () => Promise<unknown>,
): Promise<Plan | null> {
  const sdl = parse(supergraph);
  const created = await createPlanner(
    supergraph,
    sdl,
    { types: readSupergraphTypes(sdl), members: readMembers(sdl) },
    readPlanningOptions({ planner }),
    ...(loadHive === undefined ? [] : [loadHive]),
  );
  t.teardown(() => created.close());
  return created.plan(document, undefined, readOverrides(sdl, []).draw());
}

/** Hive's planner puts a space between the arguments of `_entities`; that tells whose plan it is. */
const crossing = '{ me { age } }';
const entities = (space: string) => ({
  kind: 'sequence',
  nodes: [{}, { document: new RegExp(`_entities\\(representations:${space}\\$`) }],
});
const byHive = entities(' ');
const byApollo = entities('');

t.test("Hive's planner plans where it can", async (t) => {
  t.match(await planWith(t, plain, crossing, 'auto'), byHive);
  t.match(await planWith(t, plain, crossing, 'hive'), byHive);
});

t.test("Apollo's planner plans when it is told to, or where there is no other", async (t) => {
  t.match(await planWith(t, plain, crossing, 'apollo'), byApollo);
  t.match(await planWith(t, plain, crossing, 'auto', noBinary), byApollo);
});

t.test("Apollo's planner plans supergraphs with @context and operations with @defer", async (t) => {
  t.match(await planWith(t, contextual, '{ shop { item { tax } } }', 'auto'), {
    nodes: [{}, { batches: [{ contextArguments: [{ up: 1 }] }] }],
  });
  t.match(await planWith(t, plain, '{ me { name ... @defer { age } } }', 'auto'), {
    kind: 'defer',
  });
});

t.test('what a supergraph needs is read from its links, not from its texts', async (t) => {
  t.equal(plannerOfSupergraph(parse(plain), true), 'hive');
  t.equal(plannerOfSupergraph(parse(plain), false), 'apollo');
  t.equal(plannerOfSupergraph(parse(contextual), true), 'apollo');
});

t.test('what an operation needs is read from its directives, not from its texts', async (t) => {
  t.equal(plannerOfOperation('{ me { name } }'), 'hive');
  t.equal(plannerOfOperation('{ find(text: "... @defer") { name } }'), 'hive');
  t.equal(plannerOfOperation('{ me { ... @defer { name } } }'), 'apollo');
  t.equal(plannerOfOperation('{ ...F @defer(label: "x") } fragment F on Query { a }'), 'apollo');
});

t.test('a planner that was asked for and cannot do it stops the start', async (t) => {
  const refused = (supergraph: string, message: RegExp, loadHive?: () => Promise<unknown>) =>
    t.rejects(planWith(t, supergraph, crossing, 'hive', loadHive), {
      code: 'CONFIGURATION_INVALID',
      message,
    });
  await refused(plain, /no binary for this platform/, noBinary);
  await refused(contextual, /cannot plan the @context/);
});

t.test("a supergraph that Apollo's planner refuses does not load", async (t) => {
  const broken = plain.replace('for: EXECUTION', 'for: SECURITY').replace('join/v0.', 'join/v9.');
  await t.rejects(loadSupergraph(broken, 'x.graphql', { planner: 'apollo' }), {
    code: 'SUPERGRAPH_INVALID',
    message: /^x\.graphql: .*join/,
  });
});

t.test('a plan that does not send a field what it requires is refused', async (t) => {
  const circle = compose({
    plan: `type Query { seats: [Seat!]! }
      type Seat @key(fields: "id") {
        id: ID! row: Int zone: String @external code: String @requires(fields: "zone") }`,
    zones: `type Seat @key(fields: "id") {
        id: ID! row: Int @external code: String @external
        zone: String @requires(fields: "row") tag: String @requires(fields: "code") }`,
  });
  const prices = compose({
    goods: `type Query { goods: [Good!]! }
      type Good @key(fields: "id") { id: ID! price(in: String): Int }`,
    customs: `type Good @key(fields: "id") {
        id: ID! price(in: String): Int @external
        duty: String @requires(fields: "price(in: \\"A\\")") fee: String @requires(fields: "price(in: \\"B\\")") }`,
  });
  const refused = (supergraph: string, document: string, field: string) =>
    t.rejects(planWith(t, supergraph, document, 'apollo'), {
      code: 'OPERATION_UNPLANNABLE',
      message: `The planner of this gateway makes no plan in which "${field}" is sent what it requires`,
    });
  await refused(circle, '{ seats { tag } }', 'Seat.zone');
  await refused(prices, '{ goods { duty fee } }', 'Good.fee');
  t.match(await planWith(t, circle, '{ seats { code } }', 'apollo'), { kind: 'sequence' });
  t.match(await planWith(t, prices, '{ goods { duty } }', 'apollo'), { kind: 'sequence' });
});
