import { definePlugin } from '#gateway/plugin.ts';
import { identityOf } from '../kit/identity-of.ts';
import { restRoutes } from '../kit/rest-routes.ts';
import { accountRoutes } from './account-routes.ts';
import { agentRoutes } from './agent-routes.ts';
import { describeError } from './errors.ts';
import { keyRoutes } from './key-routes.ts';
import { options } from './options.ts';

/** What clients of Fiberwise send: accounts by forms, API keys, and agents, below `/api/v1`. */
export const fiberwise = definePlugin({
  name: 'fiberwise',
  dependsOn: ['auth', 'authorization'],
  options,
  register(app, options) {
    // Nobody in particular has neither an account nor keys.
    if (app.castellan.config.open) return;
    const askIdentity = identityOf(app, 'fiberwise');
    const describe = describeError;
    restRoutes(app, { prefix: '/api/v1/auth', bodies: 'form', describe }, (scope) =>
      accountRoutes(scope, askIdentity, options),
    );
    restRoutes(app, { prefix: '/api/v1', bodies: 'json', describe }, (scope) => {
      keyRoutes(scope, {
        path: '/user/api-keys',
        whose: 'whoever asks',
        ownerOf: async () => ({}),
      });
      agentRoutes(scope);
    });
  },
});
