import { buildSchema, Kind, parse } from 'graphql';
import { anonymousCaller, type Caller } from '../../contract/caller.ts';
import { readGrants } from '../../contract/permissions/read-grants.ts';
import { permissionsOf } from '../../contract/permissions/scope.ts';
import { collectAccessPoints } from '../../gateway/operation/access-points.ts';
import { readCoordinates } from '../../gateway/supergraph/coordinates.ts';
import { narrowSchema } from '../../gateway/supergraph/narrow-schema.ts';
import { Authorizer } from '../../plugins/authorization/authorize.ts';
import { CallerViews } from '../../plugins/authorization/caller-view.ts';
import { Policies } from '../../plugins/authorization/policies.ts';

/** What authorization costs: `npm run bench:authorization`. */
const TYPES = 250;
const FIELDS = 20;
const SETS = 1_000;

const sdl = `
  schema @link(url: "https://specs.apollo.dev/link/v1.0") @link(url: "https://specs.apollo.dev/requiresScopes/v0.1", for: SECURITY) { query: Query }
  directive @link(url: String, for: link__Purpose) repeatable on SCHEMA
  enum link__Purpose { SECURITY EXECUTION }
  enum join__Graph { A @join__graph(name: "a", url: "http://a") }
  type Query @join__type(graph: A) { ${Array.from({ length: TYPES }, (_, i) => `type${i}s: [Type${i}]`).join(' ')} }
  ${Array.from(
    { length: TYPES },
    (_, i) =>
      `type Type${i} @join__type(graph: A, key: "id") { id: ID! ${Array.from(
        { length: FIELDS - 1 },
        (_, j) =>
          j % 5 === 0
            ? `field${j}: Type${(i * 7 + j) % TYPES}`
            : `field${j}: String ${j === 1 ? '@requiresScopes(scopes: [["a"], ["b", "c"]])' : ''}`,
      ).join(' ')} }`,
  ).join('\n')}`;
const document = parse(sdl);
const schema = buildSchema(
  sdl
    .replace(/@(?:join__\w+|link)\([^)]*\)|@requiresScopes\(scopes: [^)]*\)/g, '')
    .replace(/directive .*\n/, ''),
  { assumeValidSDL: true },
);
const coordinates = readCoordinates(document, schema);

function callerWith(index: number): Caller {
  const grants = readGrants(
    Array.from({ length: 20 }, (_, j) => ({
      actions: ['READ'],
      on:
        j % 2 === 0
          ? `Type${(index * 3 + j) % TYPES}`
          : `Type${(index * 5 + j) % TYPES}.field${(index + j) % (FIELDS - 1)}`,
      ...(j === 3 && { where: { id: `${index}` } }),
    })),
  );
  return {
    ...anonymousCaller,
    kind: 'key',
    subject: 'somebody',
    permissions: permissionsOf(index % 3 === 0 ? ['a'] : [], undefined, grants),
  };
}

const callers = Array.from({ length: SETS }, (_, index) => callerWith(index));
const views = new CallerViews();
views.rulesFor(coordinates);
// Warm.
for (let index = 0; index < 50; index++) new CallerViews().viewFor(callerWith(index), coordinates);

const collect = (globalThis as { gc?: () => void }).gc;
collect?.();
const heap = process.memoryUsage().heapUsed;
const times = callers.map((caller) => {
  const started = performance.now();
  views.viewFor(caller, coordinates);
  return performance.now() - started;
});
collect?.();
const grown = process.memoryUsage().heapUsed - heap;
const sorted = times.toSorted((a, b) => a - b);
const started = performance.now();
const LOOKUPS = 1_000_000;
for (let index = 0; index < LOOKUPS; index++) {
  views.viewFor(callers[index % SETS] as Caller, coordinates);
}
const lookup = ((performance.now() - started) / LOOKUPS) * 1000;
const narrowing = performance.now();
narrowSchema(views.viewFor(callers[7] as Caller, coordinates).view);
const narrowed = performance.now() - narrowing;

/** What the hook costs a request that asks for so many fields. */
function perRequest(caller: Caller, fields: number): number {
  const selection = Array.from(
    { length: fields / 5 },
    (_, i) => `t${i}: type${i}s { id field1 field2 field3 }`,
  );
  const operation = parse(`{ ${selection.join(' ')} }`);
  const [definition] = operation.definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new TypeError('no operation');
  const points = collectAccessPoints(coordinates, { definition, fragments: new Map() });
  const asked = { supergraph: { coordinates }, document: operation, points, variables: {} };
  const context = { caller, request: { log: { info() {} } } };
  const ROUNDS = 20_000;
  let started = 0;
  for (const rounds of [ROUNDS / 4, ROUNDS]) {
    started = performance.now();
    for (let round = 0; round < rounds; round++) {
      authorizer.authorize(asked as never, context as never);
    }
  }
  return ((performance.now() - started) / ROUNDS) * 1000;
}

const authorizer = new Authorizer(
  views,
  new Policies({ policies: {}, policyTimeoutMs: 1_000 }, { warn() {} }),
  { mode: 'filter', dryRun: false, introspection: true, introspectionByEnvironment: {} },
  { info() {} },
);
const wide: Caller = { ...(callers[0] as Caller), permissions: permissionsOf(['read:all', 'a']) };
const partial: Caller = { ...wide, permissions: permissionsOf(['read:all']) };

process.stdout.write(
  `${JSON.stringify(
    {
      fields: coordinates.fields.length,
      buildMsP50: sorted[SETS / 2],
      buildMsP99: sorted[Math.floor(SETS * 0.99)],
      cachedMicros: lookup,
      heapMbOfThousand: grown / 1_048_576,
      narrowedSchemaMs: narrowed,
      requestMicros: {
        'all rights, 5 fields': perRequest(wide, 5),
        'all rights, 100 fields': perRequest(wide, 100),
        'a fifth denied, 5 fields': perRequest(partial, 5),
        'a fifth denied, 100 fields': perRequest(partial, 100),
        'scoped with conditions, 100 fields': perRequest(callers[1] as Caller, 100),
      },
    },
    null,
    2,
  )}\n`,
);
