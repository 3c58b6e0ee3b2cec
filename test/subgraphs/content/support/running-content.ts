import type { Test } from 'tap';
import { anonymousCaller, type Caller } from '#contract/caller.ts';
import { CLAIMS_HEADER } from '#contract/claims.ts';
import { readGrants } from '#contract/permissions/read-grants.ts';
import { permissionsOf } from '#contract/permissions/scope.ts';
import { createContent } from '#subgraphs/content/app.ts';
import { type ContentDatabase, contentDatabase } from '#subgraphs/content/database/tables.ts';
import { type Answer, askSubgraph } from '../../support/ask-subgraph.ts';
import { createClaimsIssuer } from '../../support/claims-issuer.ts';
import type { Store } from '../../support/stores.ts';
import { createTestClock } from '../../support/test-clock.ts';

const issuer = await createClaimsIssuer();

/** A grant on posts, as somebody writes it. */
export interface Written {
  readonly actions: readonly string[];
  readonly on?: string;
  readonly stages?: readonly string[];
  readonly locales?: readonly string[];
  readonly environments?: readonly string[];
  readonly where?: object;
}

/** A key of the organization `org_1` with these grants, on posts unless they say otherwise. */
export function keyWith(...grants: readonly Written[]): Caller {
  return { ...member, permissions: rights(grants) };
}

/** Somebody unknown, at the organization's public environment. */
export function publicWith(...grants: readonly Written[]): Caller {
  return { ...anonymousCaller, organization: 'org_1', permissions: rights(grants) };
}

export const member: Caller = {
  ...anonymousCaller,
  kind: 'key',
  subject: 'user_1',
  organization: 'org_1',
  permissions: permissionsOf(['read:all', 'write:all']),
};

function rights(grants: readonly Written[]) {
  const written = grants.map((grant) => ({ on: 'Post', ...grant }));
  return permissionsOf([], undefined, readGrants(written));
}

export interface RunningPosts {
  readonly ask: (
    caller: Caller,
    query: string,
    variables?: Record<string, unknown>,
  ) => Promise<Answer>;
  readonly tables: ContentDatabase;
  readonly now: () => number;
}

/** Content with its example posts, which `user_1` of `org_1` wrote. */
export async function startPosts(t: Test, store: Store): Promise<RunningPosts> {
  const { database, dialect } = store;
  const clock = createTestClock();
  const content = await createContent({ database, dialect, clock, claims: { keys: issuer.keys } });
  t.teardown(() => content.close());
  await content.seed({ userId: 'user_1', organizationId: 'org_1' });
  return {
    tables: contentDatabase(database),
    now: () => clock.now(),
    ask: async (caller, query, variables) => {
      const token = await issuer.mint(caller, 'content', clock.now());
      return askSubgraph(content.app, { [CLAIMS_HEADER]: token }, query, variables);
    },
  };
}
