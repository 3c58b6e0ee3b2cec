import fc from 'fast-check';
import {
  buildClientSchema,
  buildSchema,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  getIntrospectionQuery,
  isInterfaceType,
  isObjectType,
  isUnionType,
  Kind,
  parse,
  print,
  validate,
  visit,
} from 'graphql';
import t from 'tap';
import { buildApiSchema } from '#gateway/supergraph/api-schema.ts';
import { readCoordinates } from '#gateway/supergraph/coordinates.ts';
import {
  type RandomOperation,
  randomOperation,
} from '#test/conformance/federation/random-operation.ts';
import { contradictions, TYPENAME_ALIAS } from './expected-view.ts';
import { type SuiteCastellan, startCastellan } from './start-castellan.ts';
import type { SuiteAnswer } from './suite/ask-endpoint.ts';
import { readSuite } from './suite/read-suite.ts';
import type { SubgraphCall } from './suite/serve-subgraphs.ts';

/** `AUTHORIZATION_RUNS=10000 AUTHORIZATION_SEED=$RANDOM` looks further than every run does. */
const runs = Number(process.env.AUTHORIZATION_RUNS ?? 900);
const seed = Number(process.env.AUTHORIZATION_SEED ?? 20_260);

/** So many callers are asked so many operations in one run. */
const CALLERS = 10;
const OPERATIONS = 10;

const supergraphs: Readonly<Record<string, readonly string[]>> = {
  menagerie: ['c1', 'd1', 'b1', 'none'],
  estate: ['h1', 'h2', 'none'],
  content: ['1', '2', 'a1', 'none'],
};

t.setTimeout(600_000);

t.test('an answer has exactly the fields that its caller is shown by introspection', async (t) => {
  const suite = readSuite();
  const castellan = await startCastellan(t, { ...suite, callers: new Map() });
  for (const [name, ids] of Object.entries(supergraphs)) {
    await t.test(name, async (t) => {
      const graph = await startGraph(castellan, name);
      const counts = { answers: 0, denied: 0, calls: 0 };
      for (let round = seed; counts.answers < runs / Object.keys(supergraphs).length; round++) {
        const operations = randomOperation(graph.schema, { ids, maxDepth: 5, maxFields: 18 });
        const asked = fc
          .sample(operations, { numRuns: OPERATIONS, seed: round })
          // Two fields of one key can have been given different arguments.
          .filter(({ document }) => validate(graph.schema, document).length === 0)
          .map(withTypenames);
        for (const each of fc.sample(rights(graph), { numRuns: CALLERS, seed: round })) {
          await checkCaller(graph, each, asked, counts);
        }
      }
      t.ok(counts.denied > 0 && counts.calls > 0, JSON.stringify(counts));
    });
  }
});

interface Graph {
  readonly schema: GraphQLSchema;
  /** What a subgraph may be asked for though it is shown to nobody: the fields of keys. */
  readonly keys: ReadonlySet<string>;
  readonly scopes: readonly string[];
  /** What grants may be on. */
  readonly areas: readonly string[];
  readonly calls: SubgraphCall[];
  createKey(rights: Rights): Promise<string>;
  ask(key: string, query: string, variables?: object): Promise<SuiteAnswer>;
  /** The data that somebody with every right is answered. */
  full(operation: RandomOperation): Promise<unknown>;
}

interface Rights {
  readonly scopes: readonly string[];
  readonly areas: readonly string[];
}

async function startGraph(castellan: SuiteCastellan, name: string): Promise<Graph> {
  const running = await castellan.endpointFor({ supergraph: name, mode: 'filter', caller: '' });
  const { identity, owner } = castellan.guarded;
  const document = parse(running.supergraph);
  const schema = buildApiSchema(document);
  const scopes = new Set<string>();
  visit(document, {
    Directive(node) {
      if (node.name.value !== 'requiresScopes') return;
      for (const [, scope] of print(node).matchAll(/"([^"]+)"/g)) scopes.add(scope ?? '');
    },
  });
  const { fields, types } = readCoordinates(document, schema);
  const ask: Graph['ask'] = async (key, query, variables) => {
    const response = await fetch(running.endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify({ query, variables }),
    });
    return (await response.json()) as SuiteAnswer;
  };
  const createKey: Graph['createKey'] = async ({ scopes, areas }) => {
    const grants = areas.map((on) => ({ actions: ['READ'], on }));
    const input = { permissions: [], scopes, grants };
    return (await identity.createKey(owner.caller, input)).key;
  };
  const everybody = await createKey({ scopes: [...scopes], areas: ['*'] });
  const answered = new WeakMap<RandomOperation, unknown>();
  return {
    schema,
    keys: new Set(
      types.flatMap((type) => Array.from(type.keys, (field) => `${type.name}.${field}`)),
    ),
    scopes: [...scopes],
    areas: [
      '*',
      ...types.map((type) => type.name),
      ...fields.map(({ coordinate }) => coordinate),
      ...new Set(fields.flatMap(({ subgraphs }) => subgraphs.map((each) => `subgraph:${each}`))),
    ],
    calls: running.calls,
    createKey,
    ask,
    async full(operation) {
      if (!answered.has(operation)) {
        const { data } = await ask(everybody, print(operation.document), operation.variables);
        answered.set(operation, data);
      }
      return answered.get(operation);
    },
  };
}

/** Few rights and many, of types, fields and subgraphs. */
function rights({ scopes, areas }: Graph): fc.Arbitrary<Rights> {
  const [everywhere = '*', ...others] = areas;
  return fc.record({
    scopes: fc.subarray([...scopes]),
    areas: fc.oneof(
      { weight: 2, arbitrary: fc.constant([everywhere]) },
      { weight: 1, arbitrary: fc.subarray(others, { minLength: 1, maxLength: 3 }) },
      { weight: 4, arbitrary: fc.subarray(others, { minLength: 4 }) },
    ),
  });
}

async function checkCaller(
  graph: Graph,
  rights: Rights,
  operations: readonly RandomOperation[],
  counts: { answers: number; denied: number; calls: number },
): Promise<void> {
  const key = await graph.createKey(rights);
  const { data: introspection } = await graph.ask(key, getIntrospectionQuery());
  // Who may read nothing is shown no schema.
  const seen = introspection ? buildClientSchema(introspection as never) : nothing;
  for (const operation of operations) {
    const full = await graph.full(operation);
    graph.calls.length = 0;
    const query = print(operation.document);
    const answer = await graph.ask(key, query, operation.variables);
    counts.answers += 1;
    counts.denied += answer.errors?.length ?? 0;
    counts.calls += graph.calls.length;
    if (introspection === undefined && isRefusal(answer)) continue;
    const found = [
      ...contradictions(graph.schema, seen, checked(operation), answer, full),
      ...fetchedUnseen(graph, seen),
    ];
    if (found.length === 0) continue;
    throw new Error(
      `${found.join('\n')}\n${JSON.stringify(rights)}\n${query}\n${JSON.stringify(operation.variables)}\n${JSON.stringify(answer)}`,
    );
  }
}

const nothing = buildSchema('type Query { nothing: Int }');

/** Whether somebody who may see nothing was told so. */
function isRefusal({ data, errors }: SuiteAnswer): boolean {
  return data === undefined && errors?.[0]?.extensions?.code === 'FORBIDDEN';
}

/** Fields that a subgraph was asked for and that the caller is not shown. */
function fetchedUnseen({ calls, keys, schema }: Graph, seen: GraphQLSchema): string[] {
  const isSeen = (type: string, field: string): boolean => {
    const known = seen.getType(type);
    if ((isObjectType(known) || isInterfaceType(known)) && field in known.getFields()) return true;
    // An interface object has, for its subgraph, the fields that some of its types show.
    const abstract = schema.getType(type);
    return (
      (isInterfaceType(abstract) || isUnionType(abstract)) &&
      schema.getPossibleTypes(abstract).some((each) => isSeen(each.name, field))
    );
  };
  return calls.flatMap(({ subgraph, fields }) =>
    Array.from(fields)
      .filter((coordinate) => {
        const [type = '', field = ''] = coordinate.split('.');
        return !field.startsWith('_') && !keys.has(coordinate) && !isSeen(type, field);
      })
      .map((coordinate) => `${subgraph} was asked for ${coordinate}`),
  );
}

function checked({ document, variables }: RandomOperation) {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const each of document.definitions) {
    if (each.kind === Kind.FRAGMENT_DEFINITION) fragments.set(each.name.value, each);
  }
  const definition = document.definitions.find(({ kind }) => kind === Kind.OPERATION_DEFINITION);
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new TypeError('no operation');
  return { definition, fragments, variables };
}

/** Asks every object for its type, which is answered whatever is denied. */
function withTypenames({ document, variables }: RandomOperation): RandomOperation {
  const typename = parse(`{ ${TYPENAME_ALIAS}: __typename }`, { noLocation: true }).definitions[0];
  if (typename?.kind !== Kind.OPERATION_DEFINITION) throw new TypeError('no operation');
  const more = typename.selectionSet.selections;
  const whole: DocumentNode = visit(document, {
    SelectionSet: {
      leave: (node) => ({ ...node, selections: [...more, ...node.selections] }),
    },
  });
  return { document: whole, variables };
}
