import { CodedError } from '#contract/errors.ts';
import { type Resolvers, requireCaller, requireRight, requireSome } from '#subgraphs/kit/index.ts';
import type { CareInput, CarePolicies } from './care-policy.ts';
import type { LetInAgain } from './let-in-again.ts';

const TARGET = { subgraph: 'identity', type: 'APIKey' } as const;

interface Id {
  readonly id: string;
}

export function keyCareResolvers(policies: CarePolicies, letInAgain: LetInAgain): Resolvers {
  return {
    Query: {
      keyCare(_: unknown, __: unknown, context) {
        const { organization } = requireCaller(context);
        requireSome(context, TARGET);
        if (organization === null) throw new CodedError('FORBIDDEN');
        return policies.read(organization);
      },
    },
    Mutation: {
      updateKeyCare(_: unknown, { input }: { readonly input: CareInput }, context) {
        requireCaller(context);
        requireRight(context, 'MANAGE', TARGET);
        return policies.update(context, input);
      },
      enableAPIKey(_: unknown, { id }: Id, context) {
        requireCaller(context);
        requireRight(context, 'MANAGE', TARGET);
        return letInAgain.enable(context, id);
      },
      releaseAPIKey(_: unknown, { id }: Id, context) {
        requireCaller(context);
        requireRight(context, 'MANAGE', TARGET);
        return letInAgain.release(context, id);
      },
    },
    // The names in the graph for what the store and the settings call by theirs.
    LeakResponse: { NOTIFY: 'notify', QUARANTINE: 'quarantine', REVOKE: 'revoke' },
  };
}
