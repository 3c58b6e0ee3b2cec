import { whyNoName } from '../readable-name.ts';
import { invalidArgument } from './invalid-argument.ts';

/** Characters that nobody sees: with them two names look the same. Joiners and variants belong to many scripts. */
const INVISIBLE = /(?!\u200c|\u200d|[\ufe00-\ufe0f])\p{Default_Ignorable_Code_Point}/u;

/** Scripts whose letters look alike. Nobody writes one word in several of them, except to deceive. */
const LOOKALIKES = [/\p{Script=Latin}/u, /\p{Script=Cyrillic}/u, /\p{Script=Greek}/u] as const;

/**
 * A name that can be told from others by looking at it, in Unicode's composed form (NFC).
 * @throws CodedError BAD_USER_INPUT naming `argument`
 */
export function readName(text: string, argument = 'name'): string {
  const name = text.normalize('NFC').trim();
  const mistake = whyNoName(name);
  if (mistake !== null) throw invalidArgument(argument, mistake);
  if (INVISIBLE.test(name)) {
    throw invalidArgument(argument, 'The name must not contain invisible characters');
  }
  if (name.split(/[^\p{L}\p{M}]+/u).some(mixesScripts)) {
    throw invalidArgument(argument, 'A word of the name mixes letters that look alike');
  }
  return name;
}

/** What two names have in common that a reader takes for one: neither case nor width nor spaces tell them apart. */
export function nameKeyOf(name: string): string {
  return name.normalize('NFKC').toLowerCase().replaceAll(/\s+/gu, ' ').trim();
}

function mixesScripts(word: string): boolean {
  return LOOKALIKES.filter((script) => script.test(word)).length > 1;
}
