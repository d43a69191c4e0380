import test from 'ava';
import { runProgram } from '../support/program.js';

test('twenty seconds of transfers, aborts, killed processes and workers lose and leave nothing', async (t) => {
  t.timeout(120_000);
  const { code, signal, output } = await runProgram(t, 'soak', {
    args: ['--minutes', '0.33'],
    node: ['--expose-gc'],
  });
  const told = JSON.parse(output);
  t.log(output);
  t.deepEqual({ code, signal }, { code: 0, signal: null });
  t.like(told, { losses: 0, isExact: true });
  t.true(told.transfers > 1000 && told.aborts > 0 && told.kills > 0);
});
