import { basename, resolve } from 'node:path';
import type { Metafile } from 'esbuild';

const root = resolve(import.meta.dirname, '../..');

/** The name of an entry, and what it is made of. */
const sources = {
  main: 'plugins/graphiql/browser/main.js',
  'editor.worker': 'monaco-editor/esm/vs/editor/editor.worker.js',
  'json.worker': 'monaco-editor/esm/vs/language/json/json.worker.js',
  'graphql.worker': 'monaco-graphql/esm/graphql.worker.js',
} as const;

/** Bundles the page, its styles, its font and its workers; null when the bundler is not installed. */
export async function buildBundle(): Promise<BuiltBundle | null> {
  const esbuild = await loadBundler();
  if (esbuild === null) return null;
  const { outputFiles, metafile } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: { ...sources },
    outdir: 'out',
    write: false,
    metafile: true,
    bundle: true,
    splitting: true,
    format: 'esm',
    minify: true,
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    loader: { '.ttf': 'file' },
    define: { 'process.env.NODE_ENV': '"production"' },
    // The licences of what is bundled travel with it.
    legalComments: 'linked',
    logLevel: 'silent',
  });
  const nameOf = (source: keyof typeof sources) => entryOf(metafile, sources[source]);
  const script = nameOf('main');
  const style = metafile.outputs[`out/${script}`]?.cssBundle;
  if (style === undefined) throw new Error('the bundle of GraphiQL has no style sheet');
  return {
    entries: {
      script,
      style: basename(style),
      editorWorker: nameOf('editor.worker'),
      jsonWorker: nameOf('json.worker'),
      graphqlWorker: nameOf('graphql.worker'),
    },
    files: new Map(outputFiles.map(({ path, contents }) => [basename(path), contents])),
  };
}

/** The names of the files that the page itself speaks of. */
export interface BundleEntries {
  readonly script: string;
  readonly style: string;
  readonly editorWorker: string;
  readonly jsonWorker: string;
  readonly graphqlWorker: string;
}

/** A bundle fresh from the bundler. */
export interface BuiltBundle {
  readonly entries: BundleEntries;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

async function loadBundler(): Promise<typeof import('esbuild') | null> {
  try {
    return await import('esbuild');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') return null;
    throw error;
  }
}

function entryOf({ outputs }: Metafile, source: string): string {
  const found = Object.entries(outputs).find(([, { entryPoint }]) => entryPoint?.endsWith(source));
  if (found === undefined) throw new Error(`the bundle of GraphiQL lacks ${source}`);
  return basename(found[0]);
}
