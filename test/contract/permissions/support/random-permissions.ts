import fc from 'fast-check';
import type { AccessRequest, RecordFacts } from '#contract/permissions/decide.ts';
import { allowsRecord, decide } from '#contract/permissions/decide.ts';
import { actions, type Grant, type Permissions } from '#contract/permissions/grant.ts';
import { readGrants } from '#contract/permissions/read-grants.ts';
import { permissionsOf } from '#contract/permissions/scope.ts';
import { record, writtenCondition } from './random-conditions.ts';

const someActions = fc.constantFrom(...actions.slice(0, 3));
const places = ['*', 'Post', 'Post.title', 'Post.body', 'User', 'subgraph:content', 'subgraph:cms'];
const few = (...names: string[]) =>
  fc.option(fc.uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 2 }), {
    nil: null,
    freq: 2,
  });

const grant = fc
  .record({
    actions: fc.uniqueArray(someActions, { minLength: 1 }),
    on: fc.constantFrom(...places),
    within: fc.constantFrom(null, null, 'content', 'cms'),
    environments: few('production', 'staging'),
    stages: few('DRAFT', 'PUBLISHED'),
    locales: few('en', 'de'),
    where: fc.option(writtenCondition, { nil: null, freq: 2 }),
  })
  .map(({ within, ...rest }) => (rest.on.startsWith('subgraph:') ? rest : { ...rest, within }));

/** Grants as they were written. Those that `readGrants` refuses do not count. */
export const grants: fc.Arbitrary<readonly Grant[]> = fc
  .array(grant, { maxLength: 4 })
  .map((written) => {
    try {
      return readGrants(written);
    } catch (error) {
      if (/nothing can meet|nested more than/.test(String(error))) return [];
      throw error;
    }
  });

export const permissions: fc.Arbitrary<Permissions> = fc
  .tuple(
    fc.subarray(['read:all', 'write:all', 'admin', 'app:access', 'unknown'], { maxLength: 2 }),
    grants,
  )
  .map(([scopes, given]) => permissionsOf(scopes, undefined, given));

/** A question about one record: the request for it, and what the record turns out to be. */
export interface Question {
  readonly request: AccessRequest;
  readonly facts: RecordFacts;
}

export const question: fc.Arbitrary<Question> = fc
  .record({
    action: someActions,
    type: fc.constantFrom('Post', 'User', 'Asset'),
    field: fc.constantFrom(undefined, 'title', 'body'),
    subgraph: fc.constantFrom(undefined, 'content', 'cms'),
    environment: fc.constantFrom(undefined, null, 'production', 'staging'),
    stage: fc.constantFrom('DRAFT', 'PUBLISHED'),
    locale: fc.constantFrom('en', 'de', 'fr'),
    isStageAsked: fc.boolean(),
    isLocaleAsked: fc.boolean(),
    record,
  })
  .map((given) => ({
    request: {
      action: given.action,
      target: {
        type: given.type,
        ...(given.field !== undefined && { field: given.field }),
        ...(given.subgraph !== undefined && { subgraph: given.subgraph }),
      },
      environment: given.environment,
      stage: given.isStageAsked ? given.stage : undefined,
      locale: given.isLocaleAsked ? given.locale : undefined,
    },
    facts: { record: given.record, stage: given.stage, locale: given.locale },
  }));

export const questions = fc.array(question, { minLength: 15, maxLength: 25 });

export function isLetIn(rights: Permissions, { request, facts }: Question): boolean {
  return allowsRecord(decide(rights, request), facts);
}
