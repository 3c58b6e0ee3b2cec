import { type Static, type TSchema, Type } from 'typebox';

/** RFC 6749 §3.3: what a scope may be made of. In our own claims they stand with spaces between them. */
export const scopeToken = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

const closed = { additionalProperties: false } as const;
const text = (description: string, more: object = {}) =>
  Type.String({ minLength: 1, maxLength: 255, description, ...more });
const url = (description: string) =>
  Type.String({ maxLength: 2_048, pattern: '^https?://[^\\s|]+$', description });
const seconds = (description: string, value: number, minimum: number, maximum: number) =>
  Type.Integer({ minimum, maximum, default: value, description });
const scopes = (description: string) =>
  Type.Array(Type.String({ maxLength: 128, pattern: scopeToken.source }), {
    maxItems: 100,
    default: [],
    description,
  });

const audience = Type.Union(
  [text('One audience'), Type.Array(text('An audience'), { minItems: 1, maxItems: 20 })],
  { description: 'What `aud` must hold one of: the name that the issuer has for this gateway.' },
);

/** How the claims of an outside token become a caller. A path is a claim's name, with dots for what is inside it. */
export const claimMapping = Type.Object(
  {
    subject: text('Whose token it is; the caller is called `<issuer>|<subject>`.', {
      default: 'sub',
    }),
    scopes: text('The scopes: a text with spaces between them, or an array of texts.', {
      default: 'scope',
    }),
    organization: Type.Optional(text('The id of the organization.')),
    project: Type.Optional(text('The id of the project.')),
    environment: Type.Optional(text('The id of the environment.')),
    scopeMap: Type.Record(Type.String(), scopes('Scopes of ours.'), {
      default: {},
      description: 'Which scopes of ours a scope of theirs stands for, instead of its own name.',
    }),
    unmappedScopes: Type.Union([Type.Literal('keep'), Type.Literal('drop')], {
      default: 'keep',
      description:
        'Scopes that the map does not name are kept by name for @requiresScopes, or dropped. A built-in scope is always dropped.',
    }),
    fixedScopes: scopes('Scopes that every caller of this issuer has.'),
  },
  { ...closed, default: {} },
);

const algorithm = Type.Union(
  (
    [
      'RS256',
      'RS384',
      'RS512',
      'PS256',
      'PS384',
      'PS512',
      'ES256',
      'ES384',
      'ES512',
      'EdDSA',
    ] as const
  ).map((name) => Type.Literal(name)),
);

const issuer = Type.Object(
  {
    issuer: url('`iss`, letter for letter.'),
    audience,
    jwksUrl: Type.Optional(url('Where its keys are; else its metadata says so (OIDC, RFC 8414).')),
    algorithms: Type.Array(algorithm, {
      minItems: 1,
      default: ['RS256', 'PS256', 'ES256', 'EdDSA'],
      description: 'The only `alg`s that are believed.',
    }),
    types: Type.Array(Type.Union([Type.Literal('JWT'), Type.Literal('at+jwt')]), {
      minItems: 1,
      default: ['JWT', 'at+jwt'],
      description: 'The only `typ`s that are believed; a token without one is a `JWT`.',
    }),
    clockToleranceSeconds: seconds(
      'How far the clock of the issuer may be ahead of ours (`nbf`, `iat`). It lengthens no token’s life.',
      5,
      0,
      60,
    ),
    jwksMaxAgeSeconds: seconds(
      'How long keys are believed without being fetched again.',
      600,
      10,
      86_400,
    ),
    jwksOutageSeconds: seconds(
      'How much longer they are believed while they cannot be fetched.',
      3_600,
      0,
      604_800,
    ),
    jwksCooldownSeconds: seconds(
      'How long after a fetch an unknown `kid` brings no other one.',
      30,
      1,
      3_600,
    ),
    claims: claimMapping,
  },
  closed,
);

const introspection = Type.Object(
  {
    issuer: url('Whose tokens they are; an answer with another `iss` is of no use.'),
    url: url('The introspection endpoint (RFC 7662).'),
    auth: Type.Union([Type.Literal('basic'), Type.Literal('bearer')], {
      default: 'basic',
      description: 'How this gateway says who it is: client id and secret, or a bearer token.',
    }),
    clientId: Type.Optional(text('For `basic`.')),
    clientSecretEnv: Type.String({
      pattern: '^[A-Z][A-Z0-9_]*$',
      maxLength: 128,
      description: 'The environment variable that holds the secret or the bearer token.',
    }),
    tokenPrefix: Type.String({
      pattern: '^[A-Za-z0-9._~+/-]*$',
      maxLength: 64,
      default: '',
      description: 'How its tokens begin.',
    }),
    minTokenLength: Type.Integer({
      minimum: 16,
      maximum: 4_096,
      default: 16,
      description: 'Shorter ones are refused without being asked about.',
    }),
    maxTokenLength: Type.Integer({
      minimum: 16,
      maximum: 4_096,
      default: 512,
      description: 'Longer ones are refused without being asked about.',
    }),
    audience: Type.Optional(audience),
    claims: claimMapping,
  },
  closed,
);

/** Options of an issuer with their defaults filled in. */
export type Issuer = Static<typeof issuer>;
export type Introspection = Static<typeof introspection>;
export type ClaimMapping = Static<typeof claimMapping>;

type Given<Options extends { claims: ClaimMapping }, Required extends keyof Options> = Partial<
  Omit<Options, 'claims'>
> &
  Pick<Options, Required> & { readonly claims?: Partial<ClaimMapping> };

/** What castellan.config.ts says: defaults may be left out. */
type GivenIssuer = Given<Issuer, 'issuer' | 'audience'>;
type GivenIntrospection = Given<Introspection, 'issuer' | 'url' | 'clientSecretEnv'>;

const listOf = <Item>(schema: TSchema, description: string) =>
  Type.Unsafe<readonly Item[]>(Type.Array(schema, { maxItems: 100, default: [], description }));

/** The options of the auth plugin that concern tokens of others. */
export const outsideOptions = {
  issuers: listOf<GivenIssuer>(issuer, 'Whose JWTs are believed, by the keys that they publish.'),
  introspection: listOf<GivenIntrospection>(
    introspection,
    'Who is asked about opaque tokens; of several whose shape fits, the first.',
  ),
};

export interface GivenOutside {
  readonly issuers: readonly GivenIssuer[];
  readonly introspection: readonly GivenIntrospection[];
}

/** The same options as they were read: the defaults are in them, which the type for writing them cannot say. */
export function withDefaults(options: GivenOutside): {
  readonly issuers: readonly Issuer[];
  readonly introspection: readonly Introspection[];
} {
  return options as ReturnType<typeof withDefaults>;
}
