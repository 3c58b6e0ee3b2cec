import { randomBytes } from 'node:crypto';
import { link, mkdir, open, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CodedError } from '#contract/errors.ts';
import { createSigningKey } from '#contract/signing-keys.ts';

/** The secrets that a deployment needs: the variable, the file that holds it on a developer's machine, a new value. */
const secrets = {
  CASTELLAN_SIGNING_KEY: { file: 'signing-key.json', create: createSigningKey },
  CASTELLAN_PEPPER: { file: 'pepper', create: () => `v1:${randomBytes(32).toString('base64')}` },
  IDENTITY_SECRET: { file: 'identity-secret', create: () => randomBytes(32).toString('base64url') },
} as const;

/** The rights of a file's group and of everybody else. */
const OTHERS = 0o077;

export type SecretName = keyof typeof secrets;
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The environment with these secrets in it. One that is not set is read from the data folder, and made there
 * (mode 0600) the first time. Processes that start together and share the folder agree on one value.
 *
 * @throws CodedError CONFIGURATION_INVALID when NODE_ENV is production and one is not set: there, secrets come
 *   from the deployment; and when others can read or write a file that holds one
 * @throws CodedError DATA_FOLDER_UNUSABLE
 */
export async function withSecrets(
  env: Environment,
  dataFolder: string,
  names: readonly SecretName[],
): Promise<Environment> {
  const missing = names.filter((name) => !env[name]);
  if (missing.length === 0) return env;
  if (env.NODE_ENV === 'production') {
    throw new CodedError(
      'CONFIGURATION_INVALID',
      `NODE_ENV is production, so these must be set: ${missing.join(', ')}`,
    );
  }
  const made: Record<string, string> = {};
  for (const name of missing) {
    const { file, create } = secrets[name];
    made[name] = await readOrCreate(dataFolder, file, create);
  }
  return { ...env, ...made };
}

async function readOrCreate(folder: string, name: string, create: () => string): Promise<string> {
  const file = path.join(folder, name);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    let value = await readIfThere(file);
    if (value === null) {
      await createOnce(file, create());
      value = await readIfThere(file);
    }
    if (value) return value;
  } catch (error) {
    if (error instanceof CodedError) throw error;
    const { code = 'unknown reason' } = error as NodeJS.ErrnoException;
    const isFile = code === 'EEXIST' || code === 'ENOTDIR';
    throw new CodedError(
      'DATA_FOLDER_UNUSABLE',
      `The data folder cannot be used: ${folder} (${isFile ? 'it is no folder' : code})`,
      {
        cause: error,
      },
    );
  }
  throw new CodedError(
    'DATA_FOLDER_UNUSABLE',
    `${file} is empty; remove it to have a new one made`,
  );
}

async function readIfThere(file: string): Promise<string | null> {
  try {
    const handle = await open(file, 'r');
    try {
      // Of the file that is open: the name could be another one's by now.
      const { mode } = await handle.stat();
      if (process.platform !== 'win32' && (mode & OTHERS) !== 0) {
        throw new CodedError(
          'CONFIGURATION_INVALID',
          `${file} holds a secret and others can read or change it; make a new one, or chmod 600 ${file}`,
        );
      }
      return (await handle.readFile('utf8')).trim();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Whole or not at all, and never over what another process has made meanwhile. */
async function createOnce(file: string, value: string): Promise<void> {
  const draft = `${file}.${process.pid}`;
  try {
    await writeFile(draft, `${value}\n`, { flag: 'wx', mode: 0o600, flush: true });
    await link(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
}
