// Sequences of operations over several conduits, against a simple model of who owns what. On a
// failure fast-check prints the seed and the shortest sequence that fails.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { exactly, openDescriptors } from '../support/descriptors.js';
import { temporaryDirectory } from '../support/files.js';
import { type Step, World } from '../support/model.js';

const SEQUENCES = 6000;
const PAIRS = 2;

const step: fc.Arbitrary<Step> = fc.record({
  do: fc.oneof(
    { weight: 8, arbitrary: fc.constant('send' as const) },
    { weight: 6, arbitrary: fc.constant('receive' as const) },
    {
      weight: 3,
      arbitrary: fc.constantFrom('abort' as const, 'release' as const, 'drop' as const),
    },
    { weight: 2, arbitrary: fc.constant('turn' as const) },
    { weight: 1, arbitrary: fc.constantFrom('close' as const, 'kill' as const) },
  ),
  end: fc.nat({ max: 2 * PAIRS - 1 }),
  which: fc.nat({ max: 20 }),
});

test('whatever the sequence of operations, each descriptor has the owner of the model', async (t) => {
  t.timeout(120_000);
  const directory = temporaryDirectory(t);
  const files = Array.from({ length: 7 }, (_, index) => join(directory, `${index}`));
  for (const file of files) {
    writeFileSync(file, file);
  }
  const run = async (steps: Step[]): Promise<void> => {
    const before = openDescriptors().length;
    const world = new World(files, PAIRS);
    for (const each of steps) {
      await world.take(each);
    }
    await world.end();
    const after = openDescriptors().length;
    if (after !== before) {
      throw new Error(`${before} descriptors were open before, and ${after} are after`);
    }
  };
  await exactly(t, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 60, size: 'max' }), run),
      { numRuns: SEQUENCES },
    );
  });
  t.pass();
});
