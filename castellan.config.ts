import { use } from '#gateway/plugin.ts';
import { defineConfig } from '#gateway/settings.ts';
import { auth } from '#plugins/auth/index.ts';
import { authorization } from '#plugins/authorization/index.ts';
import { graphiql } from '#plugins/graphiql/index.ts';
import { metrics } from '#plugins/metrics/index.ts';
import { persistedOperations } from '#plugins/persisted-operations/index.ts';
import { defineIdentity } from '#subgraphs/identity/settings.ts';

/** Which plugins run, in this order, with which options. `plugins/README.md` says what each one costs. */
export default defineConfig({
  plugins: [use(auth), use(authorization), use(persistedOperations), use(metrics), use(graphiql)],
});

/** How the identity service behaves, where this project runs it; `subgraphs/identity/settings.ts` lists the settings. */
export const identity = defineIdentity();
