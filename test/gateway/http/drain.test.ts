import { once } from 'node:events';
import { connect } from 'node:net';
import t from 'tap';
import { blog } from '#test/support/blog.ts';
import { startOpenGateway } from '#test/support/open-gateway.ts';

t.test('a connection on which nothing was asked does not hold up the end', async (t) => {
  const gateway = await startOpenGateway(blog);
  const accepted = once(gateway.app.server, 'connection');
  const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
  t.teardown(() => socket.destroy());
  await accepted;
  const hungUp = once(socket, 'close');
  await gateway.close();
  await hungUp;
});
