import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import type { Test } from 'tap';
import type { Caller } from '#contract/caller.ts';
import { createSigningKey } from '#contract/signing-keys.ts';
import { createGateway } from '#gateway/app.ts';
import { readConfig } from '#gateway/config.ts';
import { use } from '#gateway/plugin.ts';
import { defineConfig } from '#gateway/settings.ts';
import { loadSupergraph } from '#gateway/supergraph/supergraph.ts';
import { auth } from '#plugins/auth/index.ts';
import { authorization, type Policy } from '#plugins/authorization/index.ts';
import { persistedOperations } from '#plugins/persisted-operations/index.ts';
import { personalIds } from '#subgraphs/identity/organizations/personal-organization.ts';
import {
  manyKeys,
  startIdentity,
  type TestIdentity,
} from '#test/subgraphs/support/running-identity.ts';
import type { Store } from '#test/subgraphs/support/stores.ts';

export interface GuardedOptions {
  readonly mode?: 'filter' | 'reject' | 'hide';
  readonly policies?: Readonly<Record<string, Policy>>;
  readonly policyTimeoutMs?: number;
  /** The id of the environment whose public permissions callers without a credential have. */
  readonly publicEnvironment?: string;
}

/** An identity, and gateways that know its people and keys. */
export interface GuardedGateways {
  readonly identity: TestIdentity;
  /** The owner of everything, with the text of their session. */
  readonly owner: { readonly caller: Caller; readonly session: string };
  /** A new environment of the owner's project; answers its id. `grants` are open to everybody there. */
  createEnvironment(name: string, grants?: readonly unknown[]): Promise<string>;
  /** A gateway in front of a composed supergraph, with authorization. Answers its address. */
  start(supergraph: string, options?: GuardedOptions): Promise<string>;
}

/** Starts an identity for gateways that guard what they serve; everything is closed when the test ends. */
export async function startGuardedGateways(t: Test, store: Store): Promise<GuardedGateways> {
  const identity = await startIdentity(t, store, { settings: manyKeys });
  const owner = await identity.signUp();
  const gateways: FastifyInstance[] = [];
  t.teardown(() => Promise.all(gateways.map((gateway) => gateway.close())));
  const change = async (mutation: string, variables: Record<string, unknown>) => {
    const { data, errors } = await identity.ask(owner.caller, mutation, variables);
    if (!data) throw new Error(errors?.[0]?.message);
    return data;
  };
  return {
    identity,
    owner,

    async createEnvironment(name, grants = []) {
      const { createEnvironment } = await change(
        'mutation ($input: CreateEnvironmentInput!) { createEnvironment(input: $input) { id } }',
        { input: { projectId: personalIds(owner.caller.subject ?? '').project, name } },
      );
      const { id } = createEnvironment as { id: string };
      await change(
        `mutation ($id: ID!, $grants: [GrantInput!]!) {
          setPublicPermissions(environmentId: $id, grants: $grants, allowMutations: true) { id } }`,
        { id, grants },
      );
      return id;
    },

    async start(supergraphSdl, options = {}) {
      const {
        mode = 'filter',
        policies = {},
        policyTimeoutMs = 1_000,
        publicEnvironment,
      } = options;
      const config = readConfig({
        flags: { port: '0' },
        env: { CASTELLAN_SIGNING_KEY: createSigningKey() },
        castellan: defineConfig({
          plugins: [
            use(auth, publicEnvironment === undefined ? {} : { publicEnvironment }),
            use(authorization, { mode, policies, policyTimeoutMs }),
            use(persistedOperations),
          ],
          subgraphs: { subscriptions: { protocol: 'sse' } },
        }),
      });
      const supergraph = await loadSupergraph(supergraphSdl, undefined, config.settings);
      const gateway = await createGateway({
        config,
        supergraph,
        logger: pino({ level: 'silent' }),
        clock: identity.clock,
        identity: identity.identity,
      });
      gateways.push(gateway);
      return gateway.listen({ host: '127.0.0.1', port: 0 });
    },
  };
}
