import { commonPasswords } from './common-passwords.ts';

const MAX_LENGTH = 256;
/** What must be left of a password without what everybody can guess of it. */
const MIN_OWN_LENGTH = 8;

/** What a password is for, as far as it is known. */
export interface PasswordContext {
  readonly minLength: number;
  readonly email?: string | null;
  readonly brand: string;
}

/**
 * Why a text is no password here; null when it is one (NIST SP 800-63B §3.1.1.2).
 *
 * Any characters count, each as one, after NFKC, the form that is hashed; there are no rules of composition.
 * Refused is what is short, or what somebody tries first: common passwords, also with digits or marks around them,
 * one thing over and over, runs such as `abcdefgh`, and the words that everybody knows here.
 */
export function whyNoPassword(text: string, context: PasswordContext): string | null {
  if (text.length > MAX_LENGTH * 4) return tooLong;
  const password = text.normalize('NFKC');
  const characters = [...password];
  if (characters.length < context.minLength) {
    return `The password must have at least ${context.minLength} characters`;
  }
  if (characters.length > MAX_LENGTH) return tooLong;
  // A lone surrogate is no character, and other runtimes hash other bytes for it.
  if (/\p{Cs}/u.test(password)) return 'The password must consist of Unicode characters';
  return isGuessable(password.toLowerCase(), context)
    ? 'The password is one of those that are tried first; choose another one'
    : null;
}

const tooLong = `The password must have at most ${MAX_LENGTH} characters`;

function isGuessable(password: string, { email, brand }: PasswordContext): boolean {
  if (isCommon(password) || isRun(password)) return true;
  const unit = repeatedUnit(password);
  if (unit !== password && (unit.length < MIN_OWN_LENGTH || isCommon(unit) || isRun(unit))) {
    return true;
  }
  const [local = '', domain = ''] = (email ?? '').toLowerCase().split('@');
  const words = [email?.toLowerCase() ?? '', local, domain, brand.toLowerCase(), 'castellan'];
  const known = words.map((word) => word.normalize('NFKC')).filter((word) => word.length >= 4);
  const own = known.reduce((rest, word) => rest.replaceAll(word, ''), password);
  return own !== password && ([...own].length < MIN_OWN_LENGTH || isCommon(own));
}

/** Whether it is a common password, as it stands or inside digits and marks. */
function isCommon(password: string): boolean {
  const core = password.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, '');
  return commonPasswords.has(password) || commonPasswords.has(core);
}

/** Whether each character is the same step from the one before: `aaaa`, `12345678`, `9876`. */
function isRun(password: string): boolean {
  const codes = [...password].map((character) => character.codePointAt(0) ?? 0);
  const steps = codes.slice(1).map((code, index) => {
    const step = code - (codes[index] ?? 0);
    // After 9 comes 0.
    return step === -9 ? 1 : step === 9 ? -1 : step;
  });
  return steps.every((step) => step === steps[0] && Math.abs(step) <= 1);
}

/** The shortest text that, over and over, makes up the whole. */
function repeatedUnit(text: string): string {
  const length = (text + text).indexOf(text, 1);
  return text.slice(0, length);
}
