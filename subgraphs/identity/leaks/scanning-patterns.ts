import { LEAKS_PATH } from '#contract/leaks.ts';

/** What `/.well-known/secret-scanning.json` says, for whoever looks for keys in places where they should not be. */
export interface ScanningPatterns {
  /** The URL is relative to that of the page. */
  readonly report: { readonly url: string; readonly method: 'POST'; readonly contentType: string };
  readonly patterns: readonly {
    readonly type: string;
    readonly regex: string;
    readonly checksum?: { readonly algorithm: string; readonly description: string };
  }[];
}

export function scanningPatterns(
  brand: string,
  foreignPrefixes: readonly string[],
): ScanningPatterns {
  return {
    report: {
      url: LEAKS_PATH,
      method: 'POST',
      contentType: 'application/json',
    },
    patterns: [
      {
        type: `${brand}_api_key`,
        regex: `\\b${brand}_[a-z0-9]+_[0-9A-Za-z]{49}\\b`,
        checksum: {
          algorithm: 'CRC-32 (ISO-HDLC)',
          description:
            'The last 6 characters are the CRC-32 of all before them as 6 digits of base 62 (0-9, A-Z, a-z), the highest first',
        },
      },
      ...foreignPrefixes.map((prefix) => ({
        type: `imported_${prefix}`,
        regex: `${prefix}[A-Za-z0-9._~+/=-]{16,252}`,
      })),
    ],
  };
}
