import type { Setup } from './gateway.ts';
import { gateways } from './index.ts';

// One gateway that is a module, in a process of its own: `node serve-gateway.ts NAME`, then a message with its setup.
const gateway = gateways.find(({ name }) => name === process.argv[2]);
if (gateway?.serve === undefined) throw new TypeError(`no such gateway: ${process.argv[2]}`);
const { serve } = gateway;

process.once('disconnect', () => process.exit());
process.once('message', async (setup) => {
  process.send?.({ url: await serve(setup as Setup) });
});
