import { Type } from 'typebox';

export const options = Type.Object(
  {
    tokenName: Type.String({
      default: 'API token',
      minLength: 1,
      maxLength: 100,
      description: 'What a token is called whose maker gives it no name',
    }),
  },
  { additionalProperties: false },
);
