import { Worker } from 'node:worker_threads';

/** A planner's thread that says that it is ready, and never anything again: an operation that is planned forever. */
export function endlessThread(): Worker {
  return new Worker(
    "const { parentPort } = require('node:worker_threads'); parentPort.on('message', () => { for (;;); }); parentPort.postMessage({ kind: 'ready' });",
    { eval: true },
  );
}
