import { definePlugin } from '#gateway/plugin.ts';
import { contentRoute } from './content-route.ts';
import { options } from './options.ts';

/** What clients of GraphCMS send: GraphQL of an environment of a project, with a token or without one. */
export const graphcms = definePlugin({
  name: 'graphcms',
  dependsOn: ['auth', 'authorization'],
  options,
  register(app, options) {
    // Nobody in particular has no projects.
    if (app.castellan.config.open) return;
    contentRoute(app, options);
  },
});
