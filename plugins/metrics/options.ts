import { Type } from 'typebox';

export const options = Type.Object(
  {
    access: Type.Union([Type.Literal('loopback'), Type.Literal('everyone')], {
      default: 'loopback',
      description:
        'Who may read the metrics without a token: programs of this machine, or everyone.',
    }),
    token: Type.Optional(
      Type.String({
        minLength: 16,
        description: 'A bearer token; with one, nobody reads the metrics without it.',
      }),
    ),
    secondsBuckets: Type.Array(Type.Number({ exclusiveMinimum: 0 }), {
      default: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      minItems: 1,
      maxItems: 50,
      description: 'Upper bounds of the histograms, in seconds.',
    }),
  },
  { additionalProperties: false },
);
