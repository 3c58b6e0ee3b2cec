import { CodedError } from '#contract/errors.ts';
import { whyNoName } from '../readable-name.ts';

/** A name as it is kept, and what must be unique of it. */
export interface ProjectName {
  readonly name: string;
  readonly key: string;
}

/**
 * The name of a project, in Unicode's NFKC, or why it is none: one that is hard to tell from another is refused.
 *
 * Letters are of one script, or of Latin and the scripts of Chinese, Japanese and Korean (UTS #39, "highly
 * restrictive"); characters that show nothing are refused.
 * @throws CodedError BAD_USER_INPUT
 */
export function readProjectName(text: string): ProjectName {
  const name = text.normalize('NFKC').trim().replaceAll(/\s+/g, ' ');
  const mistake = whyNoName(text) ?? whyNoName(name) ?? whyConfusing(name);
  if (mistake !== null) {
    throw new CodedError('BAD_USER_INPUT', mistake, { extensions: { argument: 'name' } });
  }
  return { name, key: projectNameKey(name) };
}

/** What two names that one reads alike have in common; names without a key in common differ visibly. */
export function projectNameKey(name: string): string {
  const folded = name.normalize('NFKC').trim().replaceAll(/\s+/g, ' ').toLowerCase();
  return [...folded.normalize('NFKC')]
    .map((character) => looksLike.get(character) ?? character)
    .join('');
}

function whyConfusing(name: string): string | null {
  if (/[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Co}\p{Cn}]/u.test(name)) {
    return 'The name must not contain characters that show nothing';
  }
  if (!/[\p{L}\p{N}]/u.test(name)) return 'The name must contain a letter or a digit';
  const letters = [...name].filter((character) => /\p{L}/u.test(character));
  const isOneScript = scripts.some((script) => letters.every((letter) => script.test(letter)));
  return isOneScript ? null : 'The letters of the name must be of one script';
}

/** Scripts whose letters may stand beside each other. */
const scripts: readonly RegExp[] = [
  /[\p{Script=Latin}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}ー]/u,
  ...[
    'Arabic',
    'Armenian',
    'Bengali',
    'Cyrillic',
    'Devanagari',
    'Ethiopic',
    'Georgian',
    'Greek',
    'Gujarati',
    'Gurmukhi',
    'Hebrew',
    'Kannada',
    'Khmer',
    'Lao',
    'Malayalam',
    'Myanmar',
    'Sinhala',
    'Tamil',
    'Telugu',
    'Thai',
    'Tibetan',
  ].map((script) => new RegExp(`\\p{Script=${script}}`, 'u')),
];

/** Small letters of Cyrillic and Greek that look like Latin ones, and the Latin ones without a dot. */
const looksLike: ReadonlyMap<string, string> = new Map(
  Object.entries({
    a: 'аα',
    b: 'ьв',
    c: 'сϲ',
    d: 'ԁ',
    e: 'еҽ',
    g: 'ɡ',
    h: 'һн',
    i: 'іιı',
    j: 'ј',
    k: 'кκ',
    m: 'м',
    n: 'пη',
    o: 'оοσօ',
    p: 'рρ',
    q: 'ԛ',
    r: 'г',
    s: 'ѕ',
    t: 'тτ',
    u: 'υ',
    v: 'νѵ',
    w: 'ԝωш',
    x: 'хχ',
    y: 'уγү',
  }).flatMap(([latin, others]) => [...others].map((other) => [other, latin] as const)),
);
