import { constants } from 'node:os';
import test from 'ava';
import * as numbers from '../../lib/errno.js';

test('The error numbers that are written out are those of this system', (t) => {
  const system: Record<string, number> = constants.errno;
  // libuv, and Node with it, has no name for this one.
  const { ETOOMANYREFS: _, ...known } = numbers;
  t.true(Object.keys(known).length > 10);
  for (const [name, number] of Object.entries(known)) {
    t.is(number, -(system[name] ?? Number.NaN), name);
  }
});
