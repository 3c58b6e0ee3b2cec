import { definePlugin } from '#gateway/plugin.ts';
import { Authorizer } from './authorize.ts';
import { CallerViews } from './caller-view.ts';
import { noPolicy } from './errors.ts';
import { explainSubgraph } from './explain/explain-subgraph.ts';
import { options } from './options.ts';
import { Policies } from './policies.ts';

export type { Policy } from './policies.ts';

/** Nobody touches what directives and grants do not let them: it is not planned, not fetched and not shown. */
export const authorization = definePlugin({
  name: 'authorization',
  dependsOn: ['auth'],
  options,
  register(app, options) {
    const [noFunction] =
      Object.entries(options.policies).find(([, each]) => typeof each !== 'function') ?? [];
    if (noFunction !== undefined) throw noPolicy(noFunction);
    // Every request has every right then.
    if (app.castellan.config.open) return;
    const views = new CallerViews();
    const policies = new Policies(options, app.log);
    const authorizer = new Authorizer(views, policies, options, app.log);
    app.castellan.addHook('onSupergraph', ({ coordinates }) => {
      views.rulesFor(coordinates);
    });
    app.castellan.addHook('onAccess', (asked, context) => authorizer.authorize(asked, context));
    app.castellan.addHook('onMistakes', (mistakes, document, { coordinates }, context) =>
      authorizer.tellMistakes(mistakes, document, coordinates, context),
    );
    app.castellan.addSubgraph(explainSubgraph({ authorizer, policies, options, app }));
  },
});
