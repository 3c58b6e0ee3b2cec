import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import t, { type Test } from 'tap';
import { runCli } from './run-cli.ts';
import { runDispatch } from './run-dispatch.ts';

const link =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])';
const users = `${link}
type Query { me: User }
type User @key(fields: "id") { id: ID! email: String }
`;
const posts = `${link}
type Query { posts: [Post] }
type Post @key(fields: "id") { id: ID! author: User }
type User @key(fields: "id") { id: ID! }
`;
const yaml = `federation_version: 2
subgraphs:
  users:
    routing_url: http://127.0.0.1:4001/graphql
    schema:
      file: ./schemas/users.graphql
  posts:
    routing_url: http://127.0.0.1:4002/graphql
    schema:
      file: ./schemas/posts.graphql
`;

/** A folder with two subgraphs that compose, but for what a test writes over them. */
function project(t: Test, files: Readonly<Record<string, string>> = {}): string {
  const folder = t.testdir({});
  const all = {
    'supergraph.yaml': yaml,
    'schemas/users.graphql': users,
    'schemas/posts.graphql': posts,
    ...files,
  };
  for (const [name, text] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

const supergraphOf = (folder: string) => readFileSync(join(folder, 'supergraph.graphql'), 'utf8');

t.test('two subgraphs compose to a supergraph that knows where each one is', async (t) => {
  const folder = project(t);
  t.strictSame(await runCli(['compose'], folder), {
    code: 0,
    stdout: 'supergraph.graphql  composed (posts, users)\n',
    stderr: '',
  });
  const sdl = supergraphOf(folder);
  t.match(sdl, 'POSTS @join__graph(name: "posts", url: "http://127.0.0.1:4002/graphql")');
  t.match(sdl, 'USERS @join__graph(name: "users", url: "http://127.0.0.1:4001/graphql")');
  t.ok(sdl.endsWith('}\n'));
  t.strictSame(readdirSync(folder).sort(), ['schemas', 'supergraph.graphql', 'supergraph.yaml']);
});

t.test(
  'composing again writes nothing, and the order of the subgraphs does not matter',
  async (t) => {
    const folder = project(t);
    await runCli(['compose'], folder);
    const before = statSync(join(folder, 'supergraph.graphql'));
    const [head = '', first = '', second = ''] = yaml.split(/^(?= {2}users| {2}posts)/m);
    writeFileSync(join(folder, 'supergraph.yaml'), head + second + first);
    const { code, stdout } = await runCli(['compose'], folder);
    t.equal(code, 0);
    t.match(stdout, 'unchanged');
    const after = statSync(join(folder, 'supergraph.graphql'));
    t.strictSame([after.ino, after.mtimeMs], [before.ino, before.mtimeMs]);
  },
);

t.test(
  'a change replaces the file in one step: whoever has the old one open keeps it whole',
  async (t) => {
    const folder = project(t, { 'supergraph.graphql': 'the old one\n' });
    const before = statSync(join(folder, 'supergraph.graphql')).ino;
    t.equal((await runCli(['compose'], folder)).code, 0);
    t.not(statSync(join(folder, 'supergraph.graphql')).ino, before);
  },
);

t.test('--config and --output say where; files in the config are relative to it', async (t) => {
  const folder = project(t, { 'deep/supergraph.yaml': yaml.replaceAll('./schemas', '../schemas') });
  t.equal((await runCli(['compose', '--config', 'deep/supergraph.yaml'], folder)).code, 0);
  t.ok(readdirSync(join(folder, 'deep')).includes('supergraph.graphql'), 'beside its config');
  const args = ['compose', '--config', 'deep/supergraph.yaml', '--output', 'out.graphql'];
  t.equal((await runCli(args, folder)).code, 0);
  t.match(readFileSync(join(folder, 'out.graphql'), 'utf8'), 'join__Graph');
});

t.test('--check passes on the composed file, fails on another, and writes nothing', async (t) => {
  const folder = project(t);
  const missing = await runCli(['compose', '--check'], folder);
  t.equal(missing.code, 1);
  t.notOk(readdirSync(folder).includes('supergraph.graphql'));
  await runCli(['compose'], folder);
  t.equal((await runCli(['compose', '--check'], folder)).code, 0);
  writeFileSync(join(folder, 'schemas/users.graphql'), users.replace('email', 'mail'));
  const before = supergraphOf(folder);
  t.strictSame(await runCli(['compose', '--check'], folder), {
    code: 1,
    stdout: '',
    stderr: 'supergraph.graphql is not what supergraph.yaml composes to; run: npm run compose\n',
  });
  t.equal(supergraphOf(folder), before);
});

t.test('composition errors are all told as rover tells them, and the old file stays', async (t) => {
  const folder = project(t, {
    'schemas/users.graphql': users.replace('email: String', 'email: String age: Int'),
    'schemas/posts.graphql': posts.replace('{ id: ID! }', '{ id: ID! email: Int }'),
    'supergraph.graphql': 'the old one\n',
  });
  const { code, stdout, stderr } = await runCli(['compose'], folder);
  t.equal(code, 1);
  t.equal(stdout, '');
  const lines = stderr.split('\n');
  t.equal(lines[0], 'error[E029]: Encountered 2 build errors while trying to build a supergraph.');
  t.equal(lines[2], 'Caused by:');
  t.match(stderr, /^ {4}FIELD_TYPE_MISMATCH: Type of field "User\.email" is incompatible across/m);
  t.match(stderr, /^ {4}INVALID_FIELD_SHARING: Non-shareable field "User\.email"/m);
  t.match(stderr, /^ {8}at \[users\] User\.email schemas\/users\.graphql:3:40$/m);
  t.match(stderr, /^ {8}at \[posts\] User\.email schemas\/posts\.graphql:4:40$/m);
  t.equal(supergraphOf(folder), 'the old one\n');
});

t.test('an error inside one subgraph names that subgraph and the coordinate', async (t) => {
  const folder = project(t, {
    'schemas/users.graphql': users.replace('fields: "id"', 'fields: "uuid"'),
    'schemas/posts.graphql': posts.replace('[Post]', '[Pots]'),
  });
  const { code, stderr } = await runCli(['compose'], folder);
  t.equal(code, 1);
  t.match(stderr, 'Encountered 2 build errors');
  t.match(stderr, /^ {4}KEY_INVALID_FIELDS: \[users\] On type "User", for @key\(fields: "uuid"\)/m);
  t.match(stderr, /^ {8}at \[users\] User schemas\/users\.graphql:3:11$/m);
  t.match(
    stderr,
    /^ {4}INVALID_GRAPHQL: \[posts\] Unknown type Pots\n {8}at \[posts\] Query\.posts/m,
  );
});

t.test('a query that no subgraph can finish is an error', async (t) => {
  const folder = project(t, {
    'schemas/posts.graphql': posts.replace(
      'type User @key(fields: "id")',
      'type User @key(fields: "id", resolvable: false)',
    ),
    'schemas/users.graphql': users.replace(
      'type User @key(fields: "id")',
      'type User @key(fields: "id", resolvable: false)',
    ),
  });
  const { code, stderr } = await runCli(['compose'], folder);
  t.equal(code, 1);
  t.match(stderr, 'SATISFIABILITY_ERROR');
});

t.test('hints are warnings on stderr, and the supergraph is composed all the same', async (t) => {
  const shared = (type: string) => `${link.replace('"@key"', '"@shareable"')}
type Query { version: ${type} @shareable }
`;
  const folder = project(t, {
    'schemas/users.graphql': shared('String!'),
    'schemas/posts.graphql': shared('String'),
  });
  const { code, stderr } = await runCli(['compose'], folder);
  t.equal(code, 0);
  t.match(stderr, /^warning\[INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE\]: .*"Query\.version"/);
  t.match(supergraphOf(folder), 'version: String');
});

t.test('an exact federation_version refuses links that are newer', async (t) => {
  const exact = yaml.replace('federation_version: 2', 'federation_version: =2.8.0');
  const { code, stderr } = await runCli(['compose'], project(t, { 'supergraph.yaml': exact }));
  t.equal(code, 1);
  t.match(stderr, 'UNKNOWN_FEDERATION_LINK_VERSION: [users] Federation v2.9 is linked');
  t.match(stderr, 'at [users] schemas/users.graphql:1:1');
});

t.test('a mistake in supergraph.yaml is one line that names its place', async (t) => {
  const change = (from: string | RegExp, to: string) => yaml.replace(from, to);
  const cases: readonly (readonly [string, string, string])[] = [
    ['no mapping', 'just text', 'supergraph.yaml:1:1: must be a mapping'],
    ['nothing at all', '', 'supergraph.yaml:1:1: must be a mapping'],
    ['no subgraphs', 'federation_version: 2\n', '1:1: the key subgraphs is missing'],
    ['an empty list', 'subgraphs: {}\n', '1:1: subgraphs: names no subgraph'],
    ['a broken line', change('    routing_url:', '   routing_url'), 'supergraph.yaml:4:4: '],
    ['a tab', change('    schema:', '\tschema:'), 'supergraph.yaml:5:1: '],
    ['the same name twice', change('posts:', 'users:'), 'supergraph.yaml:7:3: '],
    [
      'an unknown key at the top',
      `${yaml}subgraph: {}\n`,
      '11:1: subgraph: unknown key; did you mean subgraphs?',
    ],
    [
      'an unknown key of a subgraph',
      change('routing_url', 'routng_url'),
      '4:5: subgraphs.users.routng_url: unknown key; did you mean routing_url?',
    ],
    [
      'an unknown source of a schema',
      change('file:', 'path:'),
      '6:7: subgraphs.users.schema.path: unknown key; there are: file, sdl,',
    ],
    [
      'two sources of a schema',
      change('file: ./schemas/users.graphql', 'file: a\n      sdl: b'),
      '5:5: subgraphs.users.schema: needs exactly one of file, sdl and subgraph_url',
    ],
    [
      'no schema',
      'subgraphs:\n  a:\n    routing_url: http://a/\n',
      '2:3: subgraphs.a: the key schema',
    ],
    [
      'no routing_url',
      change(/ {4}routing_url.*\n/, ''),
      '3:3: subgraphs.users: the key routing_url is missing',
    ],
    [
      'a routing_url that is none',
      change('http://127.0.0.1:4001/graphql', 'identity:4001'),
      '4:5: subgraphs.users.routing_url: must be an http:// or https:// URL',
    ],
    [
      'a schema registry',
      change('file: ./schemas/users.graphql', 'graphref: a@b\n      subgraph: users'),
      '6:7: subgraphs.users.schema.graphref: needs a schema registry',
    ],
    ['federation 1', change('_version: 2', '_version: 1'), '1:1: federation_version: must be 2'],
    [
      'a name that cannot be',
      change('  users:', '  1users:'),
      '3:3: subgraphs.1users: a name starts with a letter',
    ],
    [
      'a variable that is not set',
      change('http://127.0.0.1:4001', `\${env.USERS_URL}`),
      '4:5: subgraphs.users.routing_url: the environment variable USERS_URL is not set',
    ],
    [
      'an expansion that does not exist',
      change('http://127.0.0.1:4001', `\${secret.URL}`),
      `4:5: subgraphs.users.routing_url: \${secret.URL} cannot be expanded`,
    ],
    [
      'headers without a URL',
      change('file:', 'introspection_headers: {}\n      file:'),
      '6:7: subgraphs.users.schema.introspection_headers: goes with subgraph_url only',
    ],
  ];
  for (const [name, text, message] of cases) {
    const folder = project(t, { 'supergraph.yaml': text, 'supergraph.graphql': 'the old one\n' });
    const { code, stdout, stderr } = await runDispatch(['compose'], folder);
    t.equal(code, 1, `${name}: exit code`);
    t.match(stderr, message, name);
    t.match(stderr, /^supergraph\.yaml:\d+:\d+: [^\n]+\n$/, `${name}: one line`);
    t.equal(stdout, '');
    t.equal(supergraphOf(folder), 'the old one\n', `${name}: the old file`);
  }
});

t.test('a config or a schema that is not there is named, each one', async (t) => {
  const none = await runCli(['compose', '--config', 'other.yaml'], project(t));
  t.strictSame(none, { code: 1, stdout: '', stderr: 'other.yaml: there is no such file\n' });
  const gone = yaml.replaceAll('./schemas', './gone');
  const { code, stderr } = await runCli(['compose'], project(t, { 'supergraph.yaml': gone }));
  t.equal(code, 1);
  t.equal(
    stderr,
    'supergraph.yaml:9:5: subgraphs.posts.schema: gone/posts.graphql: there is no such file\n' +
      'supergraph.yaml:5:5: subgraphs.users.schema: gone/users.graphql: there is no such file\n',
  );
});

t.test('a syntax error in a schema names file, line and column', async (t) => {
  const folder = project(t, { 'schemas/users.graphql': `${link}\ntype Query { me: }\n` });
  const { code, stderr } = await runCli(['compose'], folder);
  t.equal(code, 1);
  t.match(stderr, /^schemas\/users\.graphql:2:18: Syntax Error: Expected Name, found "}"\./);
  t.match(stderr, /\(supergraph\.yaml:5:5: subgraphs\.users\.schema\)\n$/);
});

t.test(
  'a file that cannot be written is said in one line, and nothing is left behind',
  async (t) => {
    const folder = project(t, { 'out/keep': '' });
    const args = ['compose', '--output', 'out/keep/supergraph.graphql'];
    const { code, stderr } = await runCli(args, folder);
    t.equal(code, 1);
    t.match(stderr, /^out\/keep\/supergraph\.graphql cannot be written: [^\n]+\n$/);
    if (process.getuid?.() === 0) return;
    chmodSync(join(folder, 'out'), 0o500);
    const denied = await runCli(['compose', '--output', 'out/supergraph.graphql'], folder);
    t.equal(denied.code, 1);
    t.strictSame(readdirSync(join(folder, 'out')), ['keep']);
    chmodSync(join(folder, 'out'), 0o700);
  },
);

t.test('environment variables and schemas in the file itself', async (t) => {
  const inline = yaml
    .replace('http://127.0.0.1:4001', `http://\${env.USERS_HOST}`)
    .replace(
      'file: ./schemas/users.graphql',
      `sdl: |\n        ${users.trim().replaceAll('\n', '\n        ')}`,
    );
  const folder = project(t, { 'supergraph.yaml': inline });
  const { code, stderr } = await runCli(['compose'], folder, { USERS_HOST: 'users.internal' });
  t.equal(stderr, '');
  t.equal(code, 0);
  t.match(supergraphOf(folder), 'url: "http://users.internal/graphql"');
});

t.test(
  'a running subgraph is asked for its schema, with the headers that the file names',
  async (t) => {
    let answer = { status: 200, body: JSON.stringify({ data: { _service: { sdl: users } } }) };
    const seen: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      seen.push(request.headers['x-team']?.toString());
      if (answer.status === 302) response.setHeader('location', '/elsewhere');
      response.writeHead(answer.status).end(answer.body);
    });
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    t.teardown(() => server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
    const source = `subgraph_url: ${url}\n      introspection_headers:\n        X-Team: \${env.TEAM}`;
    const remote = yaml
      .replace('file: ./schemas/users.graphql', source)
      .replace(/ {4}routing_url: .*4001.*\n/, '');
    const folder = project(t, { 'supergraph.yaml': remote });
    const run = () => runCli(['compose'], folder, { TEAM: 'the-secret' });

    const { code, stderr } = await run();
    t.equal(stderr, '');
    t.equal(code, 0);
    t.strictSame(seen, ['the-secret']);
    t.match(supergraphOf(folder), `url: "${url}"`, 'and is called where it was asked');

    const refusals: readonly (readonly [typeof answer, RegExp])[] = [
      [{ status: 500, body: 'oops' }, /did not answer \{ _service \{ sdl \} \} \(HTTP 500\)\n/],
      [{ status: 200, body: '{"errors":[{"message":"no claims"}]}' }, /\(HTTP 200\): no claims\n/],
      [{ status: 200, body: '{"data":{"_service":null}}' }, /\(HTTP 200\)\n/],
      [{ status: 302, body: '' }, /cannot be asked: /],
      [
        { status: 200, body: '{"data":{"_service":{"sdl":"type {"}}}' },
        /graphql:1:6: Syntax Error: Expected Name, found "\{"/,
      ],
    ];
    for (const [next, message] of refusals) {
      answer = next;
      const refused = await run();
      t.equal(refused.code, 1);
      t.match(refused.stderr, message);
      t.match(refused.stderr, 'supergraph.yaml:4:5: subgraphs.users.schema');
      t.notMatch(refused.stderr, 'the-secret');
    }
    server.close();
    server.closeAllConnections();
    const gone = await run();
    t.equal(gone.code, 1);
    t.match(gone.stderr, /cannot be asked: connect ECONNREFUSED/);
  },
);
