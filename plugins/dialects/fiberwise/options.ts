import { type Static, Type } from 'typebox';

/** A page of this host, or of another one. */
const page = '^(?:/(?![/\\\\])[!-~]*|https?://[!-~]+)$';

export const options = Type.Object(
  {
    loginPage: Type.String({
      default: '/api/v1/auth/login',
      pattern: page,
      description: 'Where a registration and a logout lead to; a plain form when left out',
    }),
    appPage: Type.String({
      default: '/graphiql',
      pattern: page,
      description: 'Where a login leads to',
    }),
  },
  { additionalProperties: false },
);

export type FiberwiseOptions = Readonly<Static<typeof options>>;
