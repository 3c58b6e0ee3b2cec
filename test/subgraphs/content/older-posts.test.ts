import { sql } from 'kysely';
import { anonymousCaller } from '#contract/caller.ts';
import { CLAIMS_HEADER } from '#contract/claims.ts';
import { permissionsOf } from '#contract/permissions/scope.ts';
import { createContent } from '#subgraphs/content/app.ts';
import { migrations } from '#subgraphs/content/database/migrations.ts';
import { migrate } from '#subgraphs/kit/index.ts';
import { askSubgraph } from '../support/ask-subgraph.ts';
import { createClaimsIssuer } from '../support/claims-issuer.ts';
import { onEachStore } from '../support/stores.ts';

onEachStore(
  'posts of before there were organizations stay those of their authors',
  async (t, store) => {
    const { database, dialect } = store;
    const [[name, step] = []] = Object.entries(migrations);
    if (name === undefined || step === undefined) throw new Error('there is a first step');
    await migrate(database, dialect, 'content_migration', { [name]: step });
    await sql`insert into content_post
    (id, title, body, slug, stage, locale, author_id, created_at, published_at)
    values ('old', 'T', 'b', 's', 'DRAFT', 'en', 'ada', 1, null)`.execute(database);

    const issuer = await createClaimsIssuer();
    const content = await createContent({ database, dialect, claims: { keys: issuer.keys } });
    t.teardown(() => content.close());
    const find = async (subject: string) => {
      const permissions = permissionsOf(['read:all']);
      const caller = {
        ...anonymousCaller,
        kind: 'key',
        subject,
        organization: 'org',
        permissions,
      } as const;
      const token = await issuer.mint(caller, 'content', Date.now());
      const query = '{ posts(stage: DRAFT) { id title createdAt author { id } } }';
      return (await askSubgraph(content.app, { [CLAIMS_HEADER]: token }, query)).data;
    };
    t.strictSame(await find('ada'), {
      posts: [
        { id: 'old', title: 'T', createdAt: '1970-01-01T00:00:00.001Z', author: { id: 'ada' } },
      ],
    });
    t.strictSame(await find('eve'), { posts: [] });
  },
);
