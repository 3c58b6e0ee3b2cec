import { pickPlugins, use } from '#gateway/plugin.ts';
import { defineConfig } from '#gateway/settings.ts';
import { auth } from '#plugins/auth/index.ts';
import { authorization } from '#plugins/authorization/index.ts';
import { cloudbeaver } from '#plugins/dialects/cloudbeaver/index.ts';
import { fiberwise } from '#plugins/dialects/fiberwise/index.ts';
import { fibery } from '#plugins/dialects/fibery/index.ts';
import { graphcms } from '#plugins/dialects/graphcms/index.ts';
import { graphiql } from '#plugins/graphiql/index.ts';
import { metrics } from '#plugins/metrics/index.ts';
import { openapi } from '#plugins/openapi/index.ts';
import { persistedOperations } from '#plugins/persisted-operations/index.ts';
import { defineIdentity } from '#subgraphs/identity/settings.ts';

/** Vendors whose clients are answered unchanged: those that CASTELLAN_DIALECTS names, such as `cloudbeaver,fibery`. */
const dialects = pickPlugins('CASTELLAN_DIALECTS', process.env.CASTELLAN_DIALECTS, [
  use(cloudbeaver),
  use(fibery),
  use(fiberwise),
  use(graphcms),
]);

/** Which plugins run, in this order, with which options. `plugins/README.md` says what each one costs. */
export default defineConfig({
  plugins: [
    use(auth),
    use(authorization),
    use(persistedOperations),
    use(metrics),
    use(graphiql),
    ...(dialects.length === 0 ? [] : [use(openapi), ...dialects]),
  ],
});

/** How the identity service behaves, where this project runs it; `subgraphs/identity/settings.ts` lists the settings. */
export const identity = defineIdentity({
  sessions: {
    // The sign-in of CloudBeaver's clients. With `end-with-key` a session ends at once when its key does.
    openedByKeys: dialects.some(({ name }) => name === 'cloudbeaver') ? 'independent' : 'never',
  },
});
