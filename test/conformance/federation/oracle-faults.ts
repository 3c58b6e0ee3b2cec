/** Why the oracle is wrong about an alias that is the name of a field which the plan adds (a key, a requirement). */
export const aliasesBesideKeys =
  'It puts aliases beside the fields that its plan adds, under the same keys.';

/** Why the oracle is wrong about requirements of one field with several arguments. */
export const requiredArguments = 'It has one value for a field whatever the arguments required.';
