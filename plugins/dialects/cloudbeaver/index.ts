import { definePlugin } from '#gateway/plugin.ts';
import { identityOf } from '../kit/identity-of.ts';
import { options } from './options.ts';
import { signInSubgraph } from './sign-in-subgraph.ts';

/** What clients of CloudBeaver send: GraphQL, and `authLogin` to sign in with a token. */
export const cloudbeaver = definePlugin({
  name: 'cloudbeaver',
  dependsOn: ['auth', 'authorization'],
  options,
  register(app, { url }) {
    // There is nobody to sign in as.
    if (app.castellan.config.open) return;
    app.castellan.addSubgraph(signInSubgraph(identityOf(app, 'cloudbeaver')));
    app.castellan.addGraphqlRoute({ url });
  },
});
