/** The command line itself is wrong: the message says how, and the exit code is 2. */
export class UsageMistake extends Error {
  override readonly name = 'UsageMistake';
}
