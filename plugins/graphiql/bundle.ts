import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { type BuiltBundle, type BundleEntries, buildBundle } from './build-bundle.ts';

/** What the page loads, by file name. Names carry a hash of the content, which never changes. */
export interface Bundle {
  /** The names of the files that the page itself speaks of. */
  readonly entries: BundleEntries;
  readonly files: ReadonlyMap<string, BundleFile>;
}

export interface BundleFile {
  readonly type: string;
  readonly gzip: Buffer;
}

const folder = join(import.meta.dirname, 'generated');
const root = resolve(import.meta.dirname, '../..');

const types: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  ttf: 'font/ttf',
  txt: 'text/plain; charset=utf-8',
};

/**
 * The bundle of the page: from `generated/` when it was made of what is installed now, otherwise made
 * anew, which takes some seconds, and kept there.
 *
 * Where the bundler is not installed (`npm ci --omit=dev`) a bundle that was made before is served,
 * and the answer is null when there is none.
 */
export async function loadBundle(): Promise<Bundle | null> {
  const fingerprint = await fingerprintOfInputs();
  const kept = await readKept();
  if (kept?.fingerprint === fingerprint) return kept.bundle;
  const built = await buildBundle();
  if (built === null) return kept?.bundle ?? null;
  await keep(fingerprint, built);
  return { entries: built.entries, files: mapFiles(built.files, (body) => gzipSync(body)) };
}

/** The text of a file as it was before it was compressed, for a client that takes no gzip. */
export function plainBody(file: BundleFile): Buffer {
  return gunzipSync(file.gzip);
}

/** Changes whenever a package, the page's own source or the way of bundling does. */
async function fingerprintOfInputs(): Promise<string> {
  const hash = createHash('sha256');
  const inputs = ['browser/main.js', 'browser/storage.js', 'browser/page.css', 'build-bundle.ts'];
  for (const file of [
    join(root, 'package-lock.json'),
    ...inputs.map((name) => join(import.meta.dirname, name)),
  ]) {
    hash.update(await readFile(file)).update('\0');
  }
  return hash.digest('hex');
}

interface Manifest {
  readonly fingerprint: string;
  readonly entries: BundleEntries;
  readonly files: readonly string[];
}

async function readKept(): Promise<{ fingerprint: string; bundle: Bundle } | null> {
  let manifest: Manifest;
  const bodies = new Map<string, Buffer>();
  try {
    manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
    for (const name of manifest.files) {
      bodies.set(name, await readFile(join(folder, `${name}.gz`)));
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const { fingerprint, entries } = manifest;
  return { fingerprint, bundle: { entries, files: mapFiles(bodies, (body) => body) } };
}

/** Puts the bundle in its folder in one step, so that another process finds the old one or the new one. */
async function keep(fingerprint: string, { entries, files }: BuiltBundle): Promise<void> {
  const fresh = `${folder}.${randomUUID()}`;
  const manifest: Manifest = { fingerprint, entries, files: [...files.keys()] };
  try {
    await mkdir(fresh);
    for (const [name, body] of files) await writeFile(join(fresh, `${name}.gz`), gzipSync(body));
    await writeFile(join(fresh, 'manifest.json'), JSON.stringify(manifest));
    await rm(folder, { recursive: true, force: true });
    await rename(fresh, folder);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    // A read-only installation has no place for it, and another process may have been first.
    if (!isExpected((error as NodeJS.ErrnoException).code)) throw error;
  }
}

function isExpected(code: string | undefined): boolean {
  return ['EACCES', 'EPERM', 'EROFS', 'EEXIST', 'ENOTEMPTY'].includes(code ?? '');
}

function mapFiles<Body extends Uint8Array>(
  files: ReadonlyMap<string, Body>,
  gzip: (body: Body) => Buffer,
): Map<string, BundleFile> {
  return new Map(
    [...files].map(([name, body]) => {
      const type = types[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream';
      return [name, { type, gzip: gzip(body) }];
    }),
  );
}
