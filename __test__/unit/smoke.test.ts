import test from 'ava';
import { Conduit } from 'fd-conduit';

test('a pair is made', (t) => {
  const [a, b] = Conduit.pair();
  t.true(a.fd > 2 && b.fd > 2);
  a.close();
  b.close();
});
