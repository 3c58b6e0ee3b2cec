import t from 'tap';
import { anonymousCaller } from '#contract/caller.ts';
import { callerOfClaims, claimsOfCaller } from '#contract/claims.ts';
import { callerAsking, callerBehind } from '#gateway/asked-content.ts';

const caller = Object.freeze({ ...anonymousCaller, environment: 'environment_1' });

t.test('the same wish of a caller is the same object, another wish another one', async (t) => {
  const drafts = callerAsking(caller, { stage: 'DRAFT', locales: ['en', 'de'] });
  t.equal(callerAsking(caller, { stage: 'DRAFT', locales: ['en', 'de'] }), drafts);
  const others = [
    callerAsking(caller, { stage: 'DRAFT' }),
    callerAsking(caller, { stage: 'DRAFT', locales: ['de', 'en'] }),
    callerAsking(caller, { stage: 'QA', locales: ['en', 'de'] }),
    callerAsking(caller, { locales: ['en', 'de'] }),
    callerAsking({ ...caller }, { stage: 'DRAFT', locales: ['en', 'de'] }),
  ];
  t.equal(new Set([drafts, ...others]).size, 6);
  t.equal(callerAsking(caller, {}), caller);
  t.equal(callerAsking(caller, { locales: [] }), caller);
});

t.test('a wish changes nothing but what is meant, and leads back', async (t) => {
  const asking = callerAsking(caller, { stage: 'DRAFT', locales: ['en'] });
  t.strictSame(asking, { ...caller, defaultStage: 'DRAFT', locales: ['en'] });
  t.equal(callerBehind(asking), caller);
  t.equal(callerBehind(caller), caller);
});

t.test('however many wishes a caller has, few are kept', async (t) => {
  const first = callerAsking(caller, { stage: 'S0' });
  for (let n = 1; n < 1_000; n += 1) callerAsking(caller, { stage: `S${n}` });
  t.not(callerAsking(caller, { stage: 'S0' }), first);
});

t.test('claims tell the languages that are meant, and nothing that is none', async (t) => {
  const asking = callerAsking(caller, { stage: 'QA', locales: ['en', 'de'] });
  const claims = { ...claimsOfCaller(asking) };
  t.match(claims, { stage: 'QA', locales: ['en', 'de'] });
  t.match(callerOfClaims(claims), { defaultStage: 'QA', locales: ['en', 'de'] });
  t.notOk('locales' in claimsOfCaller(caller));
  for (const locales of ['en', [], [1], null, {}, [['en']]]) {
    t.equal(callerOfClaims({ ...claims, locales }), null, JSON.stringify(locales));
  }
});
