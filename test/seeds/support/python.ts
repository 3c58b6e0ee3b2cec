import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What this machine has of Python: with the package `requests`, by itself, or nothing. */
export async function pythonWith(): Promise<'requests' | 'standard library' | null> {
  try {
    const { stdout } = await run('python3', [
      '-c',
      'import importlib.util as u; print(u.find_spec("requests") is not None)',
    ]);
    return stdout.trim() === 'True' ? 'requests' : 'standard library';
  } catch {
    // There is no Python, or one that does not start.
    return null;
  }
}

/** Runs a script with Python, and answers what it printed as JSON. */
export async function python<T>(
  script: string,
  env: Readonly<Record<string, string>> = {},
): Promise<T> {
  const { stdout } = await run('python3', ['-c', script], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
  });
  return JSON.parse(stdout) as T;
}
