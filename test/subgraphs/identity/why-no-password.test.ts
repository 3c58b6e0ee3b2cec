import fc from 'fast-check';
import t from 'tap';
import { commonPasswords } from '#subgraphs/identity/users/common-passwords.ts';
import { whyNoPassword } from '#subgraphs/identity/users/why-no-password.ts';

const context = { minLength: 15, email: 'ada.lovelace@analytical.example', brand: 'Engine Works' };
const why = (password: string, minLength = 15) =>
  whyNoPassword(password, { ...context, minLength });

t.test('what is long and nobody’s first guess is a password, whatever is in it', async (t) => {
  for (const password of [
    'correct horse battery staple',
    '               x',
    'пароль, который никто не знает',
    '🗝🚪🏰🐎🔋📎🌧🌲🐟🧵🪡🧊🥁🎻🎹',
    'qwerty and then a good deal more of it',
    'ada.lovelace and then a good deal more',
    `${'x9'.repeat(7)}!longer`,
  ]) {
    t.equal(why(password), null, password);
  }
});

t.test('characters are counted as people see them, in the form that is hashed', async (t) => {
  t.equal(why('🗝'.repeat(3)), 'The password must have at least 15 characters');
  t.equal(why(`${'e\u0301'.repeat(7)}zwölf`), 'The password must have at least 15 characters');
  t.equal(
    why(
      Array.from({ length: 256 }, (_, i) => String.fromCodePoint(0x1f300 + ((i * 7) % 257))).join(
        '',
      ),
    ),
    null,
  );
  t.match(
    why(
      Array.from({ length: 257 }, (_, i) => String.fromCodePoint(0x1f300 + ((i * 7) % 257))).join(
        '',
      ),
    ),
    /at most 256/,
  );
  // One character that becomes eighteen.
  t.match(why('\ufdfa'.repeat(15)), /at most 256/);
  t.match(why('x'.repeat(1_000_000)), /at most 256/);
  t.match(why('a\ud800'.repeat(10)), /Unicode/);
  const ligature = 'ofﬁce chairs in the rain';
  t.equal(why(ligature), why(ligature.normalize('NFKC')));
});

t.test('what is tried first is none', async (t) => {
  for (const password of [
    'aaaaaaaaaaaaaaa',
    '123456789012345',
    '987654321098765',
    'abcdefghijklmnop',
    'abcabcabcabcabc',
    'passwordpassword',
    'PASSWORDPassword',
    'password1234567',
    '!!!!dragon!!!!!!',
    'ada.lovelace1234',
    'Ada.Lovelace.ADA.LOVELACE',
    'ada.lovelace@analytical.example',
    'engine works 1234',
    'castellancastellan',
    'castellan 123456',
    'monkeycastellan',
  ]) {
    t.match(why(password), /tried first/, password);
  }
  t.match(why('letmein1', 8), /tried first/);
  t.match(why('trustno1', 8), /tried first/);
  t.equal(why('k8Qz!mWp', 8), null);
});

t.test('every common password is refused, in any case', async (t) => {
  t.ok(commonPasswords.size > 40_000);
  const list = [...commonPasswords].filter(({ length }) => length >= 8);
  for (const password of list) {
    if (why(password, 8) === null) t.fail(password);
    if (
      why(password.toUpperCase(), 8) === null &&
      password.toUpperCase().toLowerCase() === password
    ) {
      t.fail(password);
    }
  }
});

t.test('any text is judged, the same in each of its forms', async (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
      const verdict = why(text);
      t.equal(why(text.normalize('NFKC')), verdict);
      if (verdict === null) t.ok([...text.normalize('NFKC')].length >= 15);
    }),
    { numRuns: 500 },
  );
});
