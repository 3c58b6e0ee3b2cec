/** Everything that is written here rather than installed. */
const ours = '^(bench|cli|contract|dashboard|gateway|plugins|scripts|subgraphs|test)/|^[^/]+\\.ts$';

/**
 * The walls between the folders. `scripts/check-walls.ts` runs them; `test/architecture/walls.test.ts`
 * breaks each one in a small tree and sees its rule fire.
 *
 * @type {import('dependency-cruiser').IConfiguration}
 */
module.exports = {
  forbidden: [
    wall('no-cycles', 'Modules that need each other, even by type alone, are one module.', {
      from: {},
      to: { circular: true },
    }),
    wall('every-import-resolves', 'An import that leads nowhere is one that no wall can see.', {
      from: {},
      to: { couldNotResolve: true },
    }),
    wall('contract-knows-nobody', 'contract imports itself, Node, and TypeBox for options.', {
      from: { path: '^contract/' },
      to: { pathNot: '^contract/|^node_modules/typebox/', dependencyTypesNot: ['core'] },
    }),
    wall('gateway-stands-alone', 'gateway imports itself and contract; the start command joins.', {
      from: { path: '^gateway/' },
      to: { path: ours, pathNot: '^(gateway|contract)/' },
    }),
    wall('a-plugin-stands-alone', 'A plugin imports itself, contract and gateway/plugin.ts.', {
      from: { path: '^plugins/([^/]+)/', pathNot: '^plugins/dialects/' },
      to: { path: ours, pathNot: '^(plugins/$1/|contract/|gateway/plugin\\.ts$)' },
    }),
    wall(
      'a-dialect-stands-alone',
      'A dialect is a plugin that also imports plugins/dialects/kit.',
      {
        from: { path: '^plugins/dialects/([^/]+)/' },
        to: {
          path: ours,
          pathNot: '^(plugins/dialects/($1|kit)/|contract/|gateway/plugin\\.ts$)',
        },
      },
    ),
    wall('a-subgraph-stands-alone', 'A subgraph imports itself, contract and subgraphs/kit.', {
      from: { path: '^subgraphs/([^/]+)/' },
      to: { path: ours, pathNot: '^(subgraphs/$1/|subgraphs/kit/|contract/)' },
    }),
    wall('only-the-config-names-plugins', 'Which plugins run stands in castellan.config.ts.', {
      from: { pathNot: '^(castellan\\.config\\.ts$|plugins/|test/|scripts/|bench/)' },
      to: { path: '^plugins/' },
    }),
    wall('nothing-imports-test', 'What a test needs and the product too belongs to the product.', {
      from: { pathNot: '^test/' },
      to: { path: '^test/' },
    }),
    wall('no-development-dependency', 'What runs in production is installed in production.', {
      // GraphiQL is bundled where the development dependencies are, and served from the bundle elsewhere.
      from: { path: ours, pathNot: '^(test|scripts|bench)/|^plugins/graphiql/build-bundle\\.ts$' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only', 'npm'] },
    }),
  ],
  options: {
    // TypeScript 7 has no API that dependency-cruiser can parse with: without swc it reads nothing.
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(data|\\.tap|bench/results)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['node', 'import', 'types', 'default'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.d.ts'],
    },
  },
};

function wall(name, comment, rule) {
  return { name, comment, severity: 'error', ...rule };
}
