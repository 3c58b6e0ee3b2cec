import { enableCompileCache } from 'node:module';

// A worker of `castellan gateway --workers N`, which starts it; as in cli/main.ts.
process.umask(0o077);
enableCompileCache();
const { runWorker } = await import('./run-worker.ts');

await runWorker({ env: process.env, cwd: process.cwd() });
