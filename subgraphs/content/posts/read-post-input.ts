import { CodedError } from '#contract/errors.ts';
import type { Stage } from './post.ts';

/** What of a post somebody writes. */
export interface PostInput {
  readonly title: string;
  readonly body: string;
  readonly slug: string;
  readonly locale: string;
  readonly stage: Stage;
}

export type PostChanges = Partial<PostInput>;

const MAX_TITLE = 200;
const MAX_BODY = 50_000;
const MAX_SLUG = 100;

/** Control characters, line separators, and the marks that let a text pass for another one. */
const unreadable = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;
/** A text of several lines may have these. */
const unreadableInBody = /[^\P{Cc}\t\n\r]|\p{Cs}/u;
/** A language tag (BCP 47), as grants name it. */
const languageTag = /^(?=.{2,35}$)[A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{1,8})*$/;

/** Why a value does not fit, by field; null when it does. */
const mistakes: { readonly [Field in keyof PostInput]: (value: string) => string | null } = {
  title(value) {
    if (value === '') return 'must not be empty';
    if ([...value].length > MAX_TITLE) return `must have at most ${MAX_TITLE} characters`;
    return unreadable.test(value) ? 'must not contain control characters' : null;
  },
  body(value) {
    if ([...value].length > MAX_BODY) return `must have at most ${MAX_BODY} characters`;
    return unreadableInBody.test(value) ? 'must not contain control characters' : null;
  },
  slug(value) {
    if (value.length <= MAX_SLUG && /^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(value)) return null;
    return `must be words of a-z and 0-9 with hyphens between, at most ${MAX_SLUG} characters`;
  },
  locale: (value) =>
    languageTag.test(value) ? null : 'must be a language tag, such as en or pt-BR',
  stage: (value) => (value === 'PUBLISHED' ? 'is DRAFT or QA; publishPost publishes a post' : null),
};

/**
 * What somebody wrote, without the spaces around the title. What is left out stays out.
 * @throws CodedError BAD_USER_INPUT with the field in `extensions.argument`
 */
export function readPostInput<Input extends PostChanges>(input: Input): Input {
  const read: Record<string, string> = {};
  for (const field of ['title', 'body', 'slug', 'locale', 'stage'] as const) {
    const given: string | null | undefined = input[field];
    if (given === undefined) continue;
    if (given === null) throw invalid(field, 'must not be null');
    const value = field === 'title' ? given.trim() : given;
    const mistake = mistakes[field](value);
    if (mistake !== null) throw invalid(field, mistake);
    read[field] = value;
  }
  return { ...input, ...read };
}

export function invalid(field: keyof PostInput, mistake: string): CodedError {
  return new CodedError('BAD_USER_INPUT', `"${field}" ${mistake}`, {
    extensions: { argument: `input.${field}` },
  });
}
