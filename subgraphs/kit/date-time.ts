import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';

const RFC_3339 =
  /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;

/** The DateTime scalar: RFC 3339 text outside, milliseconds since the epoch inside; always UTC when written. */
export const dateTimeScalar = new GraphQLScalarType<number, string>({
  name: 'DateTime',
  serialize(value) {
    const time = value instanceof Date ? value.getTime() : value;
    if (typeof time !== 'number' || !Number.isFinite(time)) {
      throw new TypeError('a DateTime is milliseconds since the epoch, or a Date');
    }
    return new Date(time).toISOString();
  },
  parseValue: readDateTime,
  parseLiteral: (node) => readDateTime(node.kind === Kind.STRING ? node.value : null),
});

/** The moment that RFC 3339 text names, in milliseconds since the epoch; null when it names none. */
export function parseDateTime(text: string): number | null {
  const match = RFC_3339.exec(text);
  if (match === null) return null;
  const [, year, month, day, hour, minute, second] = match.map(Number);
  if (hour === undefined || minute === undefined || second === undefined) return null;
  // Date.parse rolls the 30th of February over; a day that does not exist is a mistake.
  const date = new Date(0);
  date.setUTCFullYear(year ?? 0, (month ?? 0) - 1, day);
  if (date.getUTCMonth() + 1 !== month || hour > 23 || minute > 59 || second > 59) return null;
  const time = Date.parse(text.toUpperCase());
  return Number.isNaN(time) ? null : time;
}

function readDateTime(value: unknown): number {
  const time = typeof value === 'string' ? parseDateTime(value) : null;
  if (time !== null) return time;
  throw new GraphQLError('A DateTime is RFC 3339 text, for example "2030-01-31T08:00:00Z"');
}
