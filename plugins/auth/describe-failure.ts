/**
 * Why identity could not be asked, for the log: names, codes and messages of an error and its causes.
 *
 * Never the error itself, whose stack and properties can hold a request with its credential.
 */
export function describeFailure(error: unknown): string {
  const parts: string[] = [];
  for (let cause = error; cause instanceof Error && parts.length < 4; cause = cause.cause) {
    const code = 'code' in cause && typeof cause.code === 'string' ? ` ${cause.code}` : '';
    parts.push(`${cause.name}${code}: ${cause.message}`);
  }
  if (parts.length === 0) return 'unknown';
  return parts.join(' < ').replaceAll(credentialShaped, '[credential]').slice(0, 500);
}

/** A key of any brand, a session or a JWT: should a message quote one after all. */
const credentialShaped =
  /[a-z0-9]+_[a-z0-9]+_[0-9A-Za-z]{49}|[0-9A-Za-z]{32}(?:\.|%2E)[0-9A-Za-z+/%]{43,}=*|ey[\w-]{8,}\.[\w-]{8,}\.[\w-]+/gi;
