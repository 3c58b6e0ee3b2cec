import { CodedError } from '#contract/errors.ts';
import type { CommandIo } from './command.ts';

/** A coded error says all there is to say; any other is a mistake of ours and may show where it happened. */
export function explainError(error: unknown, env: CommandIo['env']): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof CodedError) return error.message;
  const verbose = Boolean(env.DEBUG) || env.LOG_LEVEL === 'debug' || env.LOG_LEVEL === 'trace';
  return verbose ? (error.stack ?? error.message) : error.message;
}
