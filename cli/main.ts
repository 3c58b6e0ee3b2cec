#!/usr/bin/env node
import { enableCompileCache } from 'node:module';

// Whatever a command makes in the data folder is for its owner alone: people, sessions and secrets lie there.
process.umask(0o077);
// Halves the time to the first answer: what Node has compiled once it does not compile again.
enableCompileCache();
const { dispatch } = await import('./dispatch.ts');

process.exitCode = await dispatch(process.argv.slice(2), {
  // Made when it is read: a process that looks at its input waits for it.
  get stdin() {
    return process.stdin;
  },
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
});
