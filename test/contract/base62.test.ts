import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { encodeBase62, encodeBase62Number } from '#contract/base62.ts';

t.test('a number has the same base62 digits as its bytes', async (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (value) => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(value);
      assert.equal(encodeBase62Number(value, 6), encodeBase62(bytes, 6));
    }),
  );
  t.equal(encodeBase62Number(0, 6), '000000');
  t.equal(encodeBase62Number(2 ** 32 - 1, 6), '4gfFC3');
});
