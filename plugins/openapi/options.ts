import { Type } from 'typebox';

export const options = Type.Object(
  {
    path: Type.String({
      default: '/openapi.json',
      pattern: '^(/[A-Za-z0-9._~-]+)+$',
      description: 'Where the document is',
    }),
    title: Type.String({
      default: 'Castellan',
      minLength: 1,
      description: 'What the document calls this deployment',
    }),
  },
  { additionalProperties: false },
);
