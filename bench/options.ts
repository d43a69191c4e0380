import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { COSTS } from './costs.js';
import { root } from './root.js';
import { WORKLOADS } from './workloads.js';

const USAGE = `npm run bench -- [--rounds N] [--only NAME,…] [--quick] [--write [FOLDER]]

  --rounds N        how often each is measured, in turn (5)
  --only NAME,…     only these: ${[...WORKLOADS, ...COSTS].map(({ name }) => name).join(', ')}
  --quick           a hundredth of the work, once: to see that it works
  --write [FOLDER]  renew the tables in FOLDER/performance.md, the charts and the figures (docs)
`;

/** What was asked for on the command line. */
export interface Options {
  readonly rounds: number;
  /** By what the work of each measurement is multiplied. */
  readonly share: number;
  /** Where the report goes, if anywhere. */
  readonly folder: string | undefined;
  /** Whether the workload or cost of that name is wanted. */
  wants(name: string): boolean;
}

/** Reads the command line; throws an Error with the usage where it is not understood. */
export function readOptions(args: readonly string[]): Options {
  const { values, positionals } = parse(args);
  const names = [...WORKLOADS, ...COSTS].map(({ name }) => name);
  const only = values.only?.flatMap((list) => list.split(',')) ?? names;
  const quick = values.quick === true;
  const rounds = Number(values.rounds ?? (quick ? 1 : 5));
  if (!Number.isInteger(rounds) || rounds <= 0) {
    throw unclear(`--rounds takes a number above zero, not '${values.rounds}'`);
  }
  const unknown = only.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw unclear(`There is no measurement '${unknown}'`);
  }
  if (positionals.length > (values.write ? 1 : 0)) {
    throw unclear(`Nothing is known of '${positionals.at(-1)}'`);
  }
  if (values.write && values.only !== undefined) {
    throw new Error('--write renews everything: leave out --only.\n');
  }
  return {
    rounds,
    share: quick ? 0.01 : 1,
    folder: values.write ? resolve(positionals[0] ?? join(root, 'docs')) : undefined,
    wants: (name) => only.includes(name),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        rounds: { type: 'string' },
        only: { type: 'string', multiple: true },
        quick: { type: 'boolean' },
        write: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw unclear(error instanceof Error ? error.message : String(error));
  }
}

function unclear(what: string): Error {
  return new Error(`${what}\n\n${USAGE}`);
}
