import { Type } from 'typebox';

export const options = Type.Object(
  {
    automatic: Type.Boolean({
      default: true,
      description: 'Whether clients may register documents by their hash (APQ).',
    }),
    manifest: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'The file of trusted documents; a relative path begins at the working folder.',
      }),
    ),
    onlyPersisted: Type.Boolean({
      default: false,
      description: 'Whether the documents of the manifest are the only ones that run.',
    }),
    maxDocuments: Type.Integer({
      default: 2_000,
      minimum: 1,
      maximum: 10_000_000,
      description:
        'How many registered documents are kept; the least recently used one goes first.',
    }),
    maxTextLength: Type.Integer({
      default: 2_000_000,
      minimum: 1,
      maximum: 1_000_000_000,
      description: 'Characters of all registered documents together.',
    }),
  },
  { additionalProperties: false },
);
