import type { Test } from 'tap';
import type { Policy } from '#plugins/authorization/index.ts';
import { openDatabase } from '#subgraphs/kit/index.ts';
import { type GuardedGateways, startGuardedGateways } from '#test/support/guarded-gateway.ts';
import type { HeadersOf } from './suite/ask-endpoint.ts';
import type { AuthorizationCase, Mode, SuiteCaller } from './suite/authorization-case.ts';
import { readSubgraphs, type Suite } from './suite/read-suite.ts';
import type { RunningEndpoint } from './suite/run-case.ts';
import { type ServedSubgraphs, serveSubgraphs } from './suite/serve-subgraphs.ts';

/** A policy says yes to a request whose header names it. That is for this suite: it lets the caller decide. */
const POLICIES_HEADER = 'x-conformance-policies';

/** What everybody may do where a case says nothing of grants: the directives alone decide. */
const everything = {
  actions: ['READ', 'CREATE', 'UPDATE', 'DELETE', 'PUBLISH', 'UNPUBLISH'],
  on: '*',
};

export interface CastellanEndpoint extends RunningEndpoint {
  readonly supergraph: string;
}

/** Gateways of this project, with the callers of the suite. */
export interface SuiteCastellan {
  /**
   * The gateway that a case is for; one is started for each kind that cases ask for. `composed` is a supergraph whose
   * subgraphs somebody else serves.
   */
  endpointFor(
    each: Pick<AuthorizationCase, 'supergraph' | 'mode' | 'caller'>,
    composed?: string,
  ): Promise<CastellanEndpoint>;
  readonly guarded: GuardedGateways;
}

export async function startCastellan(t: Test, suite: Suite): Promise<SuiteCastellan> {
  const file = `${t.testdir()}/castellan.db`;
  const location = { dialect: 'sqlite', url: undefined, file } as const;
  const database = await openDatabase(location);
  t.teardown(() => database.destroy());
  const guarded = await startGuardedGateways(t, { ...location, database });
  const { headersOf, publicEnvironmentOf } = await createCallers(guarded, suite.callers);

  const served = new Map<string, Promise<ServedSubgraphs>>();
  const serve = (supergraph: string): Promise<ServedSubgraphs> => {
    const starting = served.get(supergraph) ?? serveSubgraphs(readSubgraphs(supergraph));
    served.set(supergraph, starting);
    return starting;
  };
  t.teardown(async () => {
    for (const each of served.values()) await (await each).close();
  });

  const endpoints = new Map<string, Promise<CastellanEndpoint>>();
  const start = async (
    supergraph: string,
    mode: Mode,
    publicEnvironment: string,
    composed: string | undefined,
  ) => {
    const { supergraph: sdl, calls } =
      composed === undefined ? await serve(supergraph) : { supergraph: composed, calls: [] };
    const url = await guarded.start(sdl, {
      mode,
      policies,
      // One of the policies never answers; the others do at once.
      policyTimeoutMs: 20,
      publicEnvironment,
    });
    return { endpoint: `${url}/graphql`, headersOf, calls, supergraph: sdl };
  };
  return {
    guarded,
    endpointFor({ supergraph, mode, caller }, composed) {
      const environment = publicEnvironmentOf(caller);
      const name = JSON.stringify([supergraph, mode, environment, composed]);
      const starting = endpoints.get(name) ?? start(supergraph, mode, environment, composed);
      endpoints.set(name, starting);
      return starting;
    },
  };
}

const says =
  (name: string): Policy =>
  (_, { headers }) =>
    String(headers[POLICIES_HEADER] ?? '')
      .split(',')
      .includes(name);

const policies: Readonly<Record<string, Policy>> = {
  auditor: says('auditor'),
  keeper: says('keeper'),
  chief: says('chief'),
  throws: () => {
    throw new Error('a policy of this suite that always throws');
  },
  late: () => new Promise(() => undefined),
};

interface Callers {
  readonly headersOf: HeadersOf;
  /** The environment whose public permissions the gateway has for callers without a credential. */
  publicEnvironmentOf(caller: string): string;
}

/** A key for each caller; callers without a credential have what is open to everybody in an environment. */
async function createCallers(
  { identity, owner, createEnvironment }: GuardedGateways,
  callers: ReadonlyMap<string, SuiteCaller>,
): Promise<Callers> {
  const headers = new Map<string, Readonly<Record<string, string>>>();
  const openEnvironment = await createEnvironment('open', [everything]);
  const publicEnvironments = new Map<string, string>();
  const environments = new Map<string, string>();
  for (const [name, caller] of callers) {
    const { anonymous, session, scopes, grants, policies = [], environment } = caller;
    const common = policies.length > 0 ? { [POLICIES_HEADER]: policies.join() } : {};
    if (anonymous) {
      headers.set(name, common);
      if (grants !== undefined) {
        publicEnvironments.set(name, await createEnvironment(`public-${name}`, grants));
      }
      continue;
    }
    if (session) {
      headers.set(name, { ...common, authorization: `Bearer ${owner.session}` });
      continue;
    }
    if (environment !== undefined && !environments.has(environment)) {
      environments.set(environment, await createEnvironment(environment));
    }
    const { key } = await identity.createKey(owner.caller, {
      name,
      permissions: [],
      grants: grants ?? [everything],
      ...(scopes && { scopes }),
      ...(environment && { environments: [environments.get(environment)] }),
    });
    headers.set(name, { ...common, authorization: `Bearer ${key}` });
  }
  return {
    headersOf: (caller) => headers.get(caller),
    publicEnvironmentOf: (caller) => publicEnvironments.get(caller) ?? openEnvironment,
  };
}
