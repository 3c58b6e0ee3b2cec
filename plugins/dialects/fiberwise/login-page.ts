import type { FastifyReply, FastifyRequest } from 'fastify';

const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Sign in</title>
<form method="post">
<p><label>E-mail<br><input name="email" type="email" autocomplete="username" required autofocus></label>
<p><label>Password<br><input name="password" type="password" autocomplete="current-password" required></label>
<p><button>Sign in</button>
</form>
`;

/** A form for the login, where the deployment has no page of its own. It loads nothing, and stands in no frame. */
export async function sendLoginPage(_request: FastifyRequest, reply: FastifyReply) {
  return reply
    .header(
      'content-security-policy',
      "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    )
    .header('x-content-type-options', 'nosniff')
    .header('referrer-policy', 'no-referrer')
    .type('text/html; charset=utf-8')
    .send(PAGE);
}
