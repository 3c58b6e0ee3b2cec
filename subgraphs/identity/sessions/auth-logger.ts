import type { FastifyBaseLogger } from 'fastify';

/** As better-auth calls it. */
export type AuthLog = (level: string, message: unknown) => void;

const LONGEST = 100;

/**
 * What better-auth says of its work, in our log: its own words alone. What it puts behind them comes from clients:
 * addresses, URLs, tokens. It calls an error what is mostly a client's mistake; whatever is really broken is answered
 * with 500 and logged there.
 */
export function authLog(logger: Pick<FastifyBaseLogger, 'warn' | 'debug'>): AuthLog {
  return (level, message) => {
    const said = ownWordsOf(message);
    logger[level === 'error' ? 'warn' : 'debug']({ said }, 'better-auth has something to say');
  };
}

/** Up to the first sign of what is put in: a colon, a quotation mark, a digit, an address. */
function ownWordsOf(message: unknown): string {
  if (typeof message !== 'string') return '';
  const [words = ''] = /^(?:\[[A-Za-z -]+\] )?[A-Za-z ,.'’-]*/.exec(message) ?? [];
  const isWhole = words.length === message.length;
  // The last word may be cut in two, or be the beginning of an address.
  const kept = isWhole || message[words.length] === ':' ? words : words.replace(/\S*$/, '');
  return kept.trim().slice(0, LONGEST);
}
