import { type Static, Type } from 'typebox';

/** What a gateway may lack, and cases need. */
export const capabilities: readonly string[] = [
  'grants',
  'policies',
  'defer',
  'subscriptions',
  'batches',
  'persisted',
];

const closed = { additionalProperties: false } as const;
const path = Type.Array(Type.Union([Type.String(), Type.Integer()]));

const expectedErrorSchema = Type.Object(
  {
    path: Type.Optional(path),
    code: Type.Optional(Type.String()),
    coordinate: Type.Optional(Type.String()),
    missing: Type.Optional(Type.String()),
    message: Type.Optional(Type.String()),
  },
  closed,
);

const answerSchema = {
  data: Type.Optional(Type.Unknown()),
  errors: Type.Optional(Type.Array(expectedErrorSchema)),
};

const caseSchema = Type.Object(
  {
    name: Type.String({ minLength: 1 }),
    caller: Type.String({ minLength: 1 }),
    /** Callers who ask the same first, so that whatever is remembered of it is theirs. */
    after: Type.Optional(Type.Array(Type.String())),
    operation: Type.Optional(Type.String({ minLength: 1 })),
    operations: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { minItems: 1 })),
    operationName: Type.Optional(Type.String()),
    variables: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    as: Type.Optional(
      Type.Union([
        Type.Literal('post'),
        Type.Literal('get'),
        Type.Literal('batch'),
        Type.Literal('persisted'),
        Type.Literal('parts'),
        Type.Literal('events'),
      ]),
    ),
    mode: Type.Optional(
      Type.Union([Type.Literal('filter'), Type.Literal('reject'), Type.Literal('hide')]),
    ),
    needs: Type.Optional(Type.Array(Type.String())),
    expect: Type.Object(
      {
        status: Type.Optional(Type.Integer()),
        ...answerSchema,
        answers: Type.Optional(Type.Array(Type.Object(answerSchema, closed))),
        calls: Type.Optional(
          Type.Union([Type.Array(Type.String()), Type.Record(Type.String(), Type.Integer())]),
        ),
        notAsked: Type.Optional(Type.Array(Type.String())),
      },
      closed,
    ),
  },
  closed,
);

/** A file of cases, as it is written. */
export const caseFileSchema = Type.Object(
  {
    supergraph: Type.String({ minLength: 1 }),
    mode: caseSchema.properties.mode,
    needs: Type.Optional(Type.Array(Type.String())),
    cases: Type.Array(caseSchema, { minItems: 1 }),
  },
  closed,
);

const grant = Type.Object({}, { additionalProperties: true });

export const callersSchema = Type.Record(
  Type.String(),
  Type.Object(
    {
      anonymous: Type.Optional(Type.Boolean()),
      session: Type.Optional(Type.Boolean()),
      scopes: Type.Optional(Type.Array(Type.String())),
      policies: Type.Optional(Type.Array(Type.String())),
      grants: Type.Optional(Type.Array(grant)),
      environment: Type.Optional(Type.String()),
    },
    closed,
  ),
);

export type ExpectedError = Readonly<Static<typeof expectedErrorSchema>>;

/** Who asks. README.md says what each property means. */
export type SuiteCaller = Readonly<Static<typeof callersSchema>[string]>;

export type Mode = 'filter' | 'reject' | 'hide';

/** One promise: a question of one caller to one supergraph, and everything that comes of it. */
export interface AuthorizationCase extends Readonly<Static<typeof caseSchema>> {
  /** The file that it stands in, without its ending. */
  readonly topic: string;
  readonly supergraph: string;
  readonly mode: Mode;
  readonly needs: string[];
}
