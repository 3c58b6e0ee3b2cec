import t from 'tap';
import { callerOfClaims, claimsOfCaller } from '#contract/claims.ts';
import { permissionsOf } from '#contract/permissions/scope.ts';
import { startAuthApp } from '../support/auth-app.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { AUDIENCE, startTokenIssuer } from '../support/token-issuer.ts';

type Json = Record<string, unknown>;

t.test('claims become a caller as the mapping says', async (t) => {
  const clock = new ManualClock();
  const issuer = await startTokenIssuer(t, clock);

  /** The caller of a token with these claims, or its status when it is refused. */
  const callerOf = async (claims: Json, mapping: Json = {}) => {
    const { send, callers } = await startAuthApp(t, {
      clock,
      options: {
        issuers: [
          {
            issuer: issuer.issuer,
            audience: AUDIENCE,
            jwksUrl: `${issuer.issuer}/keys`,
            claims: mapping,
          },
        ],
      },
    });
    const headers = ['Authorization', `Bearer ${issuer.token(claims)}`];
    const { status } = await send({ headers });
    return callers[0] ?? status;
  };
  const scopes = async (claims: Json, mapping: Json = {}) => {
    const caller = await callerOf(claims, mapping);
    return typeof caller === 'number' ? caller : caller.permissions;
  };

  await t.test('scopes grant nothing by their names, built-in ones included', async (t) => {
    const table: [string, Json, string[]][] = [
      ['none', {}, []],
      ['null', { scope: null }, []],
      ['an empty text', { scope: '' }, []],
      ['a text', { scope: 'a:read  b:read a:read' }, ['a:read', 'b:read']],
      ['an array', { scope: ['a', 'b'] }, ['a', 'b']],
      ['built-in names', { scope: 'read:all write:all admin mine' }, ['mine']],
      ['built-in names in an array', { scope: ['admin'] }, []],
      ['names that would be two', { scope: ['a admin', 'b\tadmin', 'c\nadmin', '', 'é'] }, []],
      ['names of objects', { scope: ['__proto__', 'constructor'] }, ['__proto__', 'constructor']],
    ];
    for (const [name, claims, expected] of table) {
      t.same(await scopes(claims), { scopes: expected, grants: [] }, name);
    }
  });

  await t.test('what the mapping names is given, and only that', async (t) => {
    const scopeMap = { editor: ['read:all', 'blog:write'], 'Content Reader': ['read:all'] };
    t.same(
      await scopes({ scope: 'editor' }, { scopeMap }),
      permissionsOf(['read:all', 'blog:write']),
    );
    t.same(
      await scopes({ roles: ['Content Reader', 'other'] }, { scopeMap, scopes: 'roles' }),
      permissionsOf(['read:all', 'other']),
    );
    t.same(
      await scopes({ scope: 'editor other' }, { scopeMap, unmappedScopes: 'drop' }),
      permissionsOf(['read:all', 'blog:write']),
    );
    t.same(await scopes({ scope: 'Editor' }, { scopeMap }), permissionsOf(['Editor']), 'by letter');
    t.same(
      await scopes({ scope: 'admin' }, { scopeMap: { admin: ['admin'] } }),
      permissionsOf(['admin']),
    );
    t.same(await scopes({}, { fixedScopes: ['read:all'] }), permissionsOf(['read:all']));
  });

  await t.test('paths lead inside, and a claim with dots in its name is found', async (t) => {
    const claims = {
      realm_access: { roles: ['a'] },
      'https://example.com/roles': ['b'],
      list: [{ roles: ['c'] }],
    };
    t.same(await scopes(claims, { scopes: 'realm_access.roles' }), permissionsOf(['a']));
    t.same(await scopes(claims, { scopes: 'https://example.com/roles' }), permissionsOf(['b']));
    for (const path of [
      'realm_access.none',
      'realm_access.roles.0',
      'list.0.roles',
      'sub.length',
      'none.at.all',
      '__proto__',
      'constructor.name',
      'realm_access.constructor',
    ]) {
      t.same(await scopes(claims, { scopes: path }), permissionsOf([]), path);
    }
  });

  await t.test('tenant and subject come from the claims that are named', async (t) => {
    const mapping = {
      subject: 'act.client',
      organization: 'org.id',
      project: 'project',
      environment: 'env',
    };
    t.match(
      await callerOf({ act: { client: 'bot ü 🤖' }, org: { id: 'org_1' }, env: 'master' }, mapping),
      {
        subject: `${issuer.issuer}|bot ü 🤖`,
        organization: 'org_1',
        project: null,
        environment: 'master',
      },
    );
    t.match(await callerOf({ org: 'org_1', project: 'p', environment: 'e' }), {
      organization: null,
      project: null,
      environment: null,
    });
    t.equal(await callerOf({}, mapping), 401, 'without the subject that is named');
  });

  await t.test('a claim that does not fit refuses the token', async (t) => {
    const many = (count: number, length = 1) =>
      Array.from({ length: count }, (_, index) => `${index}`.padStart(length, 's'));
    const table: [string, Json, Json?][] = [
      ['scopes that are an object', { scope: { a: true } }],
      ['scopes that are a number', { scope: 1 }],
      ['scopes of which one is none', { scope: ['a', 1] }],
      ['too many scopes', { scope: many(101) }],
      ['too long scopes', { scope: many(100, 40) }],
      ['an organization that is a list', { org: ['org_1'] }, { organization: 'org' }],
      ['an organization that is empty', { org: '' }, { organization: 'org' }],
      ['an environment with a line in it', { env: 'a\nb' }, { environment: 'env' }],
      ['a jti that is a number', { jti: 1 }],
    ];
    for (const [name, claims, mapping] of table)
      t.equal(await callerOf(claims, mapping), 401, name);
    t.same(await scopes({ scope: many(101) }, { unmappedScopes: 'drop' }), permissionsOf([]));
  });

  await t.test('a subgraph is told the same, and the header stays below 8 KB', async (t) => {
    const long = '\u{10ffff}'.repeat(127);
    const caller = await callerOf(
      {
        sub: long,
        org: long,
        project: long,
        env: long,
        jti: long,
        scope: Array.from({ length: 75 }, (_, index) => `${index}`.padEnd(39, 'x')),
      },
      { organization: 'org', project: 'project', environment: 'env' },
    );
    if (typeof caller === 'number') throw new Error(`status ${caller}`);
    const claims = { ...claimsOfCaller(caller) };
    t.ok((JSON.stringify(claims).length * 4) / 3 < 8_000);
    t.same({ ...callerOfClaims(claims), asOfSequence: 0 }, { ...caller, asOfSequence: 0 });
  });
});
