import type { IncomingHttpHeaders } from 'node:http';
import { CodedError } from '#contract/errors.ts';
import type { AskedContent } from '#gateway/plugin.ts';

/** As the default stage of an environment. */
const STAGE = /^[A-Za-z_]\w{0,63}$/;
/** A language tag, such as `en`, `pt-BR` or `zh_Hant` (BCP 47, and with underscores). */
const LOCALE = /^[A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{1,8}){0,3}$/;
const MAX_LOCALES = 20;

/**
 * What `gcms-stage` and `gcms-locales` say.
 * @throws CodedError BAD_REQUEST for what can be neither
 */
export function askedContent(headers: IncomingHttpHeaders): AskedContent {
  const stage = headers['gcms-stage'];
  const locales = headers['gcms-locales'];
  return {
    ...(stage !== undefined && { stage: stageOf(stage) }),
    ...(locales !== undefined && { locales: localesOf(locales) }),
  };
}

function stageOf(header: string | string[]): string {
  // Two headers are one text with a comma, which is no stage.
  if (typeof header === 'string' && STAGE.test(header)) return header;
  throw new CodedError('BAD_REQUEST', 'The header gcms-stage must be one stage, such as DRAFT');
}

function localesOf(header: string | string[]): readonly string[] {
  const locales = [header]
    .flat()
    .join(',')
    .split(',')
    .map((each) => each.trim());
  const isFit = locales.length <= MAX_LOCALES && locales.every((each) => LOCALE.test(each));
  if (isFit) return [...new Set(locales)];
  throw new CodedError(
    'BAD_REQUEST',
    `The header gcms-locales must be at most ${MAX_LOCALES} languages with commas, such as en,de`,
  );
}
