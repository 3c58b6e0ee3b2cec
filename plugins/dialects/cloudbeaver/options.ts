import { Type } from 'typebox';

export const options = Type.Object(
  {
    url: Type.String({
      default: '/api/gql',
      pattern: '^(/[A-Za-z0-9._~-]+)+$',
      description: 'Where GraphQL is asked besides /graphql',
    }),
  },
  { additionalProperties: false },
);
