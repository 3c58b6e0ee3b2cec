import { invalidArgument } from './invalid-argument.ts';

const HOUR = 3_600_000;
const MAX_YEARS = 10;

export interface ExpiryInput {
  readonly expiresIn?: string | null | undefined;
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number | null | undefined;
}

/**
 * When a key that is made now ends, in milliseconds since the epoch; `never` when that was asked for, null when
 * nothing was.
 *
 * Months and years are the calendar's, in UTC: a month after 31 January is the last day of February.
 * @throws CodedError BAD_USER_INPUT naming the argument
 */
export function readExpiry(input: ExpiryInput, now: number): number | 'never' | null {
  const { expiresIn, expiresAt } = input;
  const hasDuration = expiresIn !== undefined && expiresIn !== null;
  const hasMoment = expiresAt !== undefined && expiresAt !== null;
  if (hasDuration && hasMoment) {
    throw invalidArgument('expiresAt', 'Give either "expiresIn" or "expiresAt", not both');
  }
  if (expiresIn === 'never') return 'never';
  const argument = argumentOf(input);
  const end = hasDuration ? endOfDuration(expiresIn, now) : hasMoment ? expiresAt : null;
  if (end === null) return null;
  if (end <= now) throw invalidArgument(argument, 'The expiry must lie in the future');
  if (end > addMonths(now, MAX_YEARS * 12)) {
    throw invalidArgument(argument, `The expiry must lie within ${MAX_YEARS} years`);
  }
  return end;
}

/** Which of the two arguments says it. */
export function argumentOf({ expiresAt }: ExpiryInput): keyof ExpiryInput {
  return expiresAt === undefined || expiresAt === null ? 'expiresIn' : 'expiresAt';
}

/**
 * The end of a duration that begins now. Months and years are the calendar's.
 * @throws CodedError BAD_USER_INPUT naming `argument`
 */
export function endOfDuration(duration: string, now: number, argument = 'expiresIn'): number {
  const match = /^([1-9]\d{0,4})([hdwmy])$/.exec(duration);
  if (match === null) {
    throw invalidArgument(
      argument,
      `"${argument}" is a whole number and h, d, w, m or y, such as "30d"`,
    );
  }
  const count = Number(match[1]);
  switch (match[2]) {
    case 'h':
      return now + count * HOUR;
    case 'd':
      return now + count * 24 * HOUR;
    case 'w':
      return now + count * 7 * 24 * HOUR;
    case 'm':
      return addMonths(now, count);
    default:
      return addMonths(now, count * 12);
  }
}

function addMonths(now: number, months: number): number {
  const date = new Date(now);
  const day = date.getUTCDate();
  date.setUTCMonth(date.getUTCMonth() + months, 1);
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, lastDay));
  return date.getTime();
}
