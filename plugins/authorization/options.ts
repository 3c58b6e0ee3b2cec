import { type TObject, Type } from 'typebox';
import type { Policy } from './policies.ts';

const schema = {
  mode: Type.Union([Type.Literal('filter'), Type.Literal('reject'), Type.Literal('hide')], {
    default: 'filter',
    description:
      'What becomes of a field that the caller may not touch: null with an error, an error for the whole operation, or as if there were none',
  }),
  dryRun: Type.Boolean({
    default: false,
    description: 'Whether denied fields are only logged, and everything is answered',
  }),
  introspection: Type.Boolean({
    default: true,
    description: 'Whether callers may ask for the schema, as far as they may use it',
  }),
  introspectionByEnvironment: Type.Record(Type.String({ minLength: 1 }), Type.Boolean(), {
    default: {},
    description: 'The same for callers of an environment, by its id',
  }),
  policies: Type.Record(Type.String({ minLength: 1 }), Type.Unsafe<Policy>(Type.Any()), {
    default: {},
    description: 'What decides about @policy, by name: (caller, request) => boolean, or a promise',
  }),
  policyTimeoutMs: Type.Integer({
    default: 1_000,
    minimum: 1,
    maximum: 60_000,
    description: 'How long a policy may take; after that it denies',
  }),
};

export const options: TObject<typeof schema> = Type.Object(schema, { additionalProperties: false });
