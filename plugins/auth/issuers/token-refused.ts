/** A token is not good, for a reason that is of use to whoever configures the gateway. It holds nothing of the token. */
export class TokenRefused extends Error {
  override readonly name = 'TokenRefused';
}
