import { type Static, Type } from 'typebox';

const introspection = Type.Union([
  Type.Literal('open'),
  Type.Literal('rights'),
  Type.Literal('off'),
]);

export const options = Type.Object(
  {
    introspection: Type.Unsafe<Static<typeof introspection>>({
      ...introspection,
      default: 'open',
      description:
        'Who may ask for the schema at /v2/…: everybody for all of it, each for what they may use, or nobody',
    }),
    introspectionByEnvironment: Type.Record(Type.String({ minLength: 1 }), introspection, {
      default: {},
      description: 'The same for one environment, by its id',
    }),
  },
  { additionalProperties: false },
);

export type GraphcmsOptions = Readonly<Static<typeof options>>;
