/** Where anybody reports keys that they found. */
export const LEAKS_PATH = '/api/leaks';

/** Where secret scanners read what keys look like. */
export const SCANNING_PATTERNS_PATH = '/.well-known/secret-scanning.json';
