import t from 'tap';
import { readExpiry } from '#subgraphs/identity/api-keys/expiry.ts';

const durations: readonly (readonly [now: string, expiresIn: string, end: string])[] = [
  ['2030-01-01T00:00:00.000Z', '12h', '2030-01-01T12:00:00.000Z'],
  ['2030-01-01T00:00:00.123Z', '30d', '2030-01-31T00:00:00.123Z'],
  ['2030-01-01T00:00:00.000Z', '1w', '2030-01-08T00:00:00.000Z'],
  ['2030-01-15T10:20:30.400Z', '1m', '2030-02-15T10:20:30.400Z'],
  ['2030-01-31T00:00:00.000Z', '1m', '2030-02-28T00:00:00.000Z'],
  ['2028-01-31T00:00:00.000Z', '1m', '2028-02-29T00:00:00.000Z'],
  ['2030-03-31T23:59:59.999Z', '1m', '2030-04-30T23:59:59.999Z'],
  ['2030-12-31T00:00:00.000Z', '2m', '2031-02-28T00:00:00.000Z'],
  ['2030-05-31T00:00:00.000Z', '12m', '2031-05-31T00:00:00.000Z'],
  ['2028-02-29T00:00:00.000Z', '1y', '2029-02-28T00:00:00.000Z'],
  ['2028-02-29T00:00:00.000Z', '4y', '2032-02-29T00:00:00.000Z'],
  ['2030-06-01T00:00:00.000Z', '10y', '2040-06-01T00:00:00.000Z'],
];

t.test('a duration ends where the calendar says', async (t) => {
  for (const [now, expiresIn, end] of durations) {
    const result = readExpiry({ expiresIn }, Date.parse(now));
    t.equal(new Date(result ?? 0).toISOString(), end, `${now} + ${expiresIn}`);
  }
});

t.test('a moment in the future is kept to the millisecond', async (t) => {
  t.equal(readExpiry({ expiresAt: 1001 }, 1000), 1001);
  t.equal(readExpiry({}, 1000), null);
});

t.test('a moment that is now, or past, or beyond ten years is bad input', async (t) => {
  const now = Date.parse('2030-01-01T00:00:00Z');
  for (const expiresAt of [now, now - 1, Date.parse('2040-01-01T00:00:00.001Z')]) {
    t.throws(() => readExpiry({ expiresAt }, now), { code: 'BAD_USER_INPUT' });
  }
  t.equal(readExpiry({ expiresAt: Date.parse('2040-01-01T00:00:00Z') }, now), 2208988800000);
});
