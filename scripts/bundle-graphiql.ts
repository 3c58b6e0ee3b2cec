import { loadBundle } from '#plugins/graphiql/bundle.ts';

const bundle = await loadBundle();
if (bundle === null) {
  console.error('the bundler of GraphiQL is not installed; it comes with npm ci');
  process.exitCode = 1;
} else {
  console.log(`plugins/graphiql/generated  ${bundle.files.size} files`);
}
