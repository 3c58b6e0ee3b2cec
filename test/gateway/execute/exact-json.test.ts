import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { hasLongInteger, parseExact, writeExact } from '#gateway/execute/exact-json.ts';

t.test('sixteen digits in a row are found wherever they stand, fifteen are not', async (t) => {
  for (let before = 0; before < 48; before += 1) {
    const padding = ' '.repeat(before);
    assert.ok(hasLongInteger(`${padding}9007199254740993`), `after ${before} characters`);
    assert.ok(hasLongInteger(`${padding}90071992547409931 `), `after ${before} characters`);
    assert.ok(!hasLongInteger(`${padding}900719925474099 1`), `after ${before} characters`);
  }
  t.pass();
});

t.test('what is read is written again, digit by digit', async (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.bigInt(), fc.integer(), fc.string(), fc.constant(null))),
      (values) => {
        const text = `{"values":[${values.map((each) => (typeof each === 'bigint' ? each : JSON.stringify(each))).join()}]}`;
        assert.equal(writeExact(parseExact(text)), text);
      },
    ),
  );
  t.pass();
});

t.test('other numbers are those of JavaScript', async (t) => {
  const text = '[1234567890123456789, 0.1234567890123456789, 1e400, 9007199254740991]';
  t.same(parseExact(text), [1234567890123456789n, 0.12345678901234568, Infinity, 9007199254740991]);
  t.type((parseExact(`[${'9'.repeat(1_001)}]`) as unknown[])[0], 'number', 'too long to be read');
});
