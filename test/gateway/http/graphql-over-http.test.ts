import { serverAudits } from 'graphql-http';
import t from 'tap';
import { blog } from '#test/support/blog.ts';
import { startOpenGateway } from '#test/support/open-gateway.ts';

const gateway = await startOpenGateway({ posts: blog.posts });
t.teardown(() => gateway.close());

for (const audit of serverAudits({ url: `${gateway.url}/graphql` })) {
  t.test(`GraphQL over HTTP ${audit.id}: ${audit.name}`, async (t) => {
    const result = await audit.fn();
    if (result.status !== 'ok') t.comment(result.reason);
    t.equal(result.status, 'ok');
  });
}
