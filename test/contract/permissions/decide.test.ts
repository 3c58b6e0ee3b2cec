import fc from 'fast-check';
import t from 'tap';
import { allows } from '#contract/permissions/allows.ts';
import {
  type AccessRequest,
  allowsRecord,
  decide,
  decideRows,
} from '#contract/permissions/decide.ts';
import { encodeGrant } from '#contract/permissions/make-grant.ts';
import { readGrants } from '#contract/permissions/read-grants.ts';
import { allPermissions, noPermissions, permissionsOf } from '#contract/permissions/scope.ts';
import { plainTruth } from './support/plain-evaluator.ts';
import { isLetIn, permissions, type Question, questions } from './support/random-permissions.ts';

const withGrants = (...written: object[]) => permissionsOf([], undefined, readGrants(written));
const post = { subgraph: 'content', type: 'Post' };
const title = { ...post, field: 'title' };

t.test('what no grant names is denied', async (t) => {
  const denied = {
    outcome: 'deny',
    missing: { action: 'READ', coordinate: 'Post.title' },
    excluded: [],
  };
  t.strictSame(decide(noPermissions, { action: 'READ', target: title }), denied);
  for (const on of ['User', 'Post.body', 'Post.titles', 'subgraph:identity', 'Title', 'post']) {
    const rights = withGrants({ actions: ['READ'], on });
    t.strictSame(decide(rights, { action: 'READ', target: title }), denied, on);
  }
  const others = withGrants({ actions: ['CREATE', 'MANAGE'], on: '*' });
  t.strictSame(decide(others, { action: 'READ', target: title }), denied, 'another action');
});

const areas: readonly (readonly [object, AccessRequest['target'], boolean])[] = [
  [{ on: '*' }, title, true],
  [{ on: 'Post' }, post, true],
  [{ on: 'Post' }, title, true],
  [{ on: 'Post.title' }, title, true],
  [{ on: 'Post.title' }, post, false],
  [{ on: 'subgraph:content' }, title, true],
  [{ on: 'subgraph:content' }, { type: 'Post' }, false],
  [{ on: 'Post', within: 'content' }, post, true],
  [{ on: 'Post', within: 'cms' }, post, false],
  [{ on: 'Post', within: 'content' }, { type: 'Post' }, false],
  [{ on: '*', within: 'content' }, post, true],
];
for (const [area, target, expected] of areas) {
  t.test(
    `${JSON.stringify(area)} ${expected ? 'covers' : 'does not cover'} ${JSON.stringify(target)}`,
    async (t) => {
      const rights = withGrants({ actions: ['READ'], ...area });
      t.equal(allows(rights, 'READ', target), expected);
      t.equal(allows(rights, 'UPDATE', target), false);
    },
  );
}

t.test('the grant without a condition decides, and is named', async (t) => {
  const rights = withGrants(
    { actions: ['READ'], on: 'Post.title', where: { id: '1' } },
    { actions: ['READ'], on: 'Post' },
    { actions: ['READ'], on: '*', stages: ['DRAFT'] },
  );
  const decision = decide(rights, { action: 'READ', target: title });
  t.equal(decision.outcome, 'allow');
  t.strictSame(decision.outcome === 'allow' && decision.grants.map(encodeGrant), [
    { actions: ['READ'], on: 'Post' },
  ]);
});

t.test(
  'several grants with conditions are alternatives, and are named in their order',
  async (t) => {
    const rights = withGrants(
      { actions: ['READ'], on: 'Post', where: { author: 'u1' } },
      { actions: ['READ'], on: 'Post', stages: ['PUBLISHED'], locales: ['en'], where: { id: '1' } },
      { actions: ['UPDATE'], on: 'Post' },
    );
    const ask = (asked: Partial<AccessRequest>) =>
      decide(rights, { action: 'READ', target: post, ...asked });
    const decision = ask({});
    if (decision.outcome !== 'conditional') throw new Error('it is conditional');
    t.strictSame(
      decision.grants,
      rights.grants.filter(({ where }) => where !== undefined),
    );
    t.strictSame(
      decision.alternatives.map(({ stages, locales, where }) => [
        stages,
        locales,
        where !== undefined,
      ]),
      decision.grants.map(({ stages, locales }) => [stages, locales, true]),
    );
    const draft = { record: { author: 'u2', id: '1' }, stage: 'DRAFT', locale: 'en' };
    t.equal(allowsRecord(decision, draft), false);
    t.equal(allowsRecord(decision, { ...draft, stage: 'PUBLISHED' }), true);
    const { record } = draft;
    t.equal(allowsRecord(decision, { record, locale: 'en' }), false, 'a stage that is not told');
    t.equal(
      allowsRecord(decision, { record, stage: 'PUBLISHED' }),
      false,
      'a locale that is not told',
    );
    t.equal(allowsRecord(decision, { record: { author: 'u1' } }), true, 'the other alternative');
    const asked = ask({ stage: 'PUBLISHED', locale: 'en' });
    t.strictSame(
      asked.outcome === 'conditional' && asked.alternatives.map((each) => Object.keys(each)),
      [['where'], ['where']],
      'what the request says is no longer open',
    );
    t.equal(ask({ locale: 'de' }).outcome, 'conditional', 'one alternative is left');
    t.equal(allows(rights, 'READ', post), false, 'a right to some is no right to all');
  },
);

t.test('a stage or locale that is asked for decides, one that is not stays open', async (t) => {
  const rights = withGrants({
    actions: ['READ'],
    on: 'Post',
    stages: ['PUBLISHED', 'QA'],
    locales: ['en'],
  });
  const ask = (asked: Partial<AccessRequest>) =>
    decide(rights, { action: 'READ', target: post, ...asked });
  t.equal(ask({ stage: 'QA', locale: 'en' }).outcome, 'allow');
  t.match(ask({ stage: 'QA' }), { outcome: 'conditional', alternatives: [{ locales: ['en'] }] });
  t.match(ask({}), { alternatives: [{ locales: ['en'], stages: ['PUBLISHED', 'QA'] }] });
  const denied = ask({ stage: 'DRAFT' });
  t.match(denied, { outcome: 'deny', missing: { action: 'READ', coordinate: 'Post' } });
  t.strictSame(denied.outcome === 'deny' && denied.excluded, rights.grants);
});

t.test('a grant for some environments counts in these alone', async (t) => {
  const rights = withGrants({ actions: ['READ'], on: 'Post', environments: ['staging'] });
  for (const environment of [undefined, null, 'production', 'STAGING']) {
    const decision = decide(rights, { action: 'READ', target: post, environment });
    t.match(decision, { outcome: 'deny', excluded: rights.grants }, String(environment));
  }
  t.equal(
    decide(rights, { action: 'READ', target: post, environment: 'staging' }).outcome,
    'allow',
  );
});

t.test('all permissions allow everything and none nothing', async () => {
  fc.assert(
    fc.property(questions, (all) =>
      all.every((each) => isLetIn(allPermissions, each) && !isLetIn(noPermissions, each)),
    ),
  );
});

t.test('a caller is let at a record when one grant says so, and never otherwise', async (t) => {
  let letIn = 0;
  fc.assert(
    fc.property(permissions, questions, (rights, all) =>
      all.every((each) => {
        const expected = rights.grants.some((grant) => saysYes({ ...encodeGrant(grant) }, each));
        letIn += Number(expected);
        return isLetIn(rights, each) === expected;
      }),
    ),
    { numRuns: 400 },
  );
  t.ok(letIn > 300, `${letIn} were let in`);
});

type Json = Readonly<Record<string, unknown>>;

/** What a grant says, the long way. */
function saysYes(grant: Json, { request, facts }: Question): boolean {
  const { type, field, subgraph } = request.target;
  const names = ['*', type, `${type}.${field}`, `subgraph:${subgraph}`];
  const includes = (list: unknown, item: unknown) =>
    list === undefined || (Array.isArray(list) && list.includes(item));
  return (
    includes(grant.actions, request.action) &&
    names.includes(String(grant.on)) &&
    (grant.within === undefined || grant.within === subgraph) &&
    includes(grant.environments, request.environment) &&
    includes(grant.stages, facts.stage) &&
    includes(grant.locales, facts.locale) &&
    (grant.where === undefined || plainTruth(grant.where, facts.record) === true)
  );
}

t.test(
  'there is a record for whoever may touch it, or any field of it, and for nobody else',
  async (t) => {
    let both = 0;
    fc.assert(
      fc.property(permissions, questions, (rights, all) =>
        all.every(({ request, facts }) => {
          const { field: _, ...target } = request.target;
          const isThere = allowsRecord(decideRows(rights, { ...request, target }), facts);
          const fields = rights.grants.flatMap(({ on }) => on.split('.')[1] ?? []);
          const byField = [undefined, ...fields].map((field) => {
            const touched = field === undefined ? target : { ...target, field };
            return allowsRecord(decide(rights, { ...request, target: touched }), facts);
          });
          if (isThere && byField[0] === false) both += 1;
          return isThere === byField.includes(true);
        }),
      ),
      { numRuns: 400 },
    );
    t.ok(both > 20, `${both} by a field alone`);
  },
);
