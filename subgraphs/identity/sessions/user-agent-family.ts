import Bowser from 'bowser';

/** `Firefox on Linux`, for people who look through their sessions; null when a client says nothing that is known. */
export function userAgentFamily(userAgent: string | null): string | null {
  if (userAgent === null || userAgent === '') return null;
  const { browser, os } = Bowser.parse(userAgent.slice(0, 512));
  if (browser.name === undefined || browser.name === '') return null;
  return os.name === undefined || os.name === '' ? browser.name : `${browser.name} on ${os.name}`;
}
