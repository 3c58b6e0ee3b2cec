import { type Static, Type } from 'typebox';

export const options = Type.Object(
  {
    enabled: Type.Boolean({ default: true, description: 'Whether the page is served at all' }),
    path: Type.String({
      default: '/graphiql',
      pattern: '^(/[A-Za-z0-9_~-]+)+$',
      description: 'Where the page is',
    }),
    endpoint: Type.String({
      default: '/graphql',
      pattern: '^(/[A-Za-z0-9_~-]+)+$',
      description: 'The path on this gateway that the page sends its operations to',
    }),
  },
  { additionalProperties: false },
);

export type GraphiqlOptions = Readonly<Static<typeof options>>;
