import type { ApiKeyRecord } from './api-key-record.ts';
import type { KeySettings } from './key-settings.ts';
import type { PepperRing } from './pepper-ring.ts';

/** A key and its text, which is shown nowhere else. */
export interface KeyWithText {
  readonly key: string;
  readonly record: ApiKeyRecord;
}

/** What it takes to make keys and to change them. */
export interface KeyMaking {
  readonly peppers: PepperRing;
  readonly settings: KeySettings;
  /** Keys of a deployment that is not for production are all of class `test`. */
  readonly production: boolean;
}
