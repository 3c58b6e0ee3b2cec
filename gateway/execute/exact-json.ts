/** Digits of an integer that is kept; reading longer ones takes more than linear time. */
const MAX_DIGITS = 1_000;
const SHORTEST_INEXACT = 16;

/**
 * Reads JSON text as JSON.parse does, but integers that JavaScript's numbers cannot hold as bigint
 * (docs/decisions/0012). A text without long runs of digits costs one look at every 16th character.
 */
export function parseExact(text: string): unknown {
  return hasLongInteger(text) ? json.parse(text, keepDigits) : JSON.parse(text);
}

/** Writes what `parseExact` reads; undefined as JSON.stringify does. */
export function writeExact(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    // Only a bigint is a TypeError here, and those are rare.
    if (error instanceof TypeError) return JSON.stringify(value, writeDigits);
    throw error;
  }
}

/** Whether 16 digits stand in a row: one of them has a place that is divisible by 16. */
export function hasLongInteger(text: string): boolean {
  for (let at = SHORTEST_INEXACT - 1; at < text.length; at += SHORTEST_INEXACT) {
    const code = text.charCodeAt(at);
    if (code > 57 || code < 48) continue;
    let from = at;
    while (isDigit(text, from - 1)) from -= 1;
    let to = at;
    while (isDigit(text, to + 1)) to += 1;
    if (to - from + 1 >= SHORTEST_INEXACT) return true;
  }
  return false;
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code <= 57 && code >= 48;
}

/** What TypeScript's library does not know yet: the text of a number, and how one is written (ECMAScript 2026). */
interface SourceTextAccess {
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): unknown;
  rawJSON(text: string): unknown;
}

const json = JSON as unknown as SourceTextAccess;

function keepDigits(_: string, value: unknown, { source }: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || source === undefined || Number.isSafeInteger(value)) {
    return value;
  }
  return source.length <= MAX_DIGITS && /^-?\d+$/.test(source) ? BigInt(source) : value;
}

function writeDigits(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? json.rawJSON(String(value)) : value;
}
