import { definePlugin } from '#gateway/plugin.ts';
import { restRoutes } from '../kit/rest-routes.ts';
import { describeError } from './errors.ts';
import { options } from './options.ts';
import { spaceRoute } from './space-route.ts';
import { tokenRoutes } from './token-routes.ts';

/** What clients of Fibery send: GraphQL of a space, and the tokens of whoever has signed in. */
export const fibery = definePlugin({
  name: 'fibery',
  dependsOn: ['auth', 'authorization'],
  options,
  register(app, { tokenName }) {
    // Nobody in particular has neither tokens nor projects.
    if (app.castellan.config.open) return;
    spaceRoute(app);
    restRoutes(app, { bodies: 'json', describe: describeError }, (scope) =>
      tokenRoutes(scope, tokenName),
    );
  },
});
