import { availableParallelism } from 'node:os';
import { CodedError } from '#contract/errors.ts';

/** More are a slip of the finger. */
const MOST = 256;

/**
 * How many processes `--workers` asks for; `auto` is one for each core that this process may use.
 * @throws CodedError CONFIGURATION_INVALID
 */
export function readWorkerCount(flag: string): number {
  if (flag === 'auto') return Math.min(availableParallelism(), MOST);
  const count = /^\d{1,3}$/.test(flag) ? Number(flag) : 0;
  if (count < 1 || count > MOST) {
    throw new CodedError(
      'CONFIGURATION_INVALID',
      `--workers must be a number from 1 to ${MOST}, or auto, not "${flag}"`,
    );
  }
  return count;
}
