import t from 'tap';
import manifest from '../../package.json' with { type: 'json' };

t.test('whatever npm script serves, Node is told the same of its memory', async (t) => {
  const { start, castellan, gateway } = manifest.scripts;
  t.match(castellan, '--max-semi-space-size=');
  t.equal(start, `${castellan} start`);
  t.equal(gateway, `${castellan} gateway`);
});
