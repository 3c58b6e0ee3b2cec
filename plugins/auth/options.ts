import { Type } from 'typebox';
import { FOREIGN_PREFIX_PATTERN } from '#contract/foreign-key.ts';
import { outsideOptions } from './issuers/issuer-options.ts';

/** The options of the auth plugin. Where identity is and which key signs is configuration, not an option. */
export const options = Type.Object(
  {
    maxEntries: Type.Integer({
      default: 10_000,
      minimum: 1,
      maximum: 10_000_000,
      description: 'How many callers are remembered; the least recently seen one goes first.',
    }),
    maxNegativeEntries: Type.Integer({
      default: 10_000,
      minimum: 1,
      maximum: 10_000_000,
      description: 'How many refused credentials are remembered, apart from the callers.',
    }),
    entrySeconds: Type.Number({
      default: 5,
      minimum: 0,
      maximum: 5,
      description: 'How long a caller is believed without asking again, from the moment of asking.',
    }),
    negativeSeconds: Type.Number({
      default: 5,
      minimum: 0,
      maximum: 60,
      description: 'How long a refused credential is refused without asking again.',
    }),
    leaseSeconds: Type.Number({
      default: 2,
      minimum: 0.25,
      maximum: 10,
      description:
        'How long what is remembered is believed while identity cannot be heard: the longest life of a revoked credential.',
    }),
    maxConcurrentLookups: Type.Integer({
      default: 1_000,
      minimum: 1,
      description:
        'How many credentials of one kind may be looked up at once; more get IDENTITY_UNAVAILABLE.',
    }),
    liveCheckSeconds: Type.Number({
      default: 60,
      minimum: 1,
      maximum: 600,
      description:
        'How often identity is asked again about the callers of live subscriptions and connections, although it tells of changes.',
    }),
    liveGraceSeconds: Type.Number({
      default: 60,
      minimum: 0,
      maximum: 3_600,
      description: 'How long these go on while identity does not answer.',
    }),
    lookupTimeoutMs: Type.Integer({
      default: 2_000,
      minimum: 10,
      maximum: 30_000,
      description: 'How long identity may take to say whose a credential is.',
    }),
    forwardTimeoutMs: Type.Integer({
      default: 10_000,
      minimum: 10,
      maximum: 60_000,
      description:
        'How long an identity service may take to answer a sign-up, sign-in or sign-out.',
    }),
    forwardBodyLimitBytes: Type.Integer({
      default: 65_536,
      minimum: 1_024,
      maximum: 1_048_576,
      description: 'The largest body that /api/auth/* takes.',
    }),
    claimsLifeSeconds: Type.Integer({
      default: 30,
      minimum: 2,
      maximum: 30,
      description: 'How long claims are valid; they are minted anew after half of it.',
    }),
    jwksMaxAgeSeconds: Type.Integer({
      default: 300,
      minimum: 0,
      maximum: 86_400,
      description: 'How long others may keep the published keys.',
    }),
    useReportSeconds: Type.Integer({
      default: 10,
      minimum: 1,
      maximum: 60,
      description: 'How often identity is told how keys are used.',
    }),
    expiryNoticeDays: Type.Integer({
      default: 7,
      minimum: 0,
      maximum: 365,
      description: 'How many days before the end of a key the answers to it say so; 0 for never.',
    }),
    foreignKeyPrefixes: Type.Array(Type.String({ pattern: FOREIGN_PREFIX_PATTERN }), {
      default: [],
      maxItems: 20,
      description:
        'What imported keys of other systems begin with: such a text is looked up. Identity has the same as `keyImport.prefixes`.',
    }),
    publicEnvironment: Type.Optional(
      Type.String({
        pattern: '^\\w[\\w-]{0,127}$',
        description:
          'The id of the environment whose public permissions are those of requests without a credential; such requests have no rights when left out.',
      }),
    ),
    ...outsideOptions,
  },
  { additionalProperties: false },
);
