// Licences, duplicates and sources of the crates, by the rules of deny.toml. cargo-deny does the
// same and more, but takes minutes to build: it runs every night, and this at every change.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const CRATES = 'registry+https://github.com/rust-lang/crates.io-index';

const rules = readFileSync(join(root, 'deny.toml'), 'utf8');
const [, list] = /^allow = \[(.*)\]$/m.exec(rules);
const allowed = new Set(list.split(',').map((name) => JSON.parse(name)));

/** Whether an SPDX expression can be satisfied with what is allowed. */
function satisfies(expression) {
  const tokens = expression.replaceAll('/', ' OR ').match(/[()]|[^\s()]+/g);
  const either = () => {
    let is = both();
    while (tokens[0] === 'OR') {
      tokens.shift();
      is = both() || is;
    }
    return is;
  };
  const both = () => {
    let is = one();
    while (tokens[0] === 'AND') {
      tokens.shift();
      is = one() && is;
    }
    return is;
  };
  const one = () => {
    const token = tokens.shift();
    if (token !== '(') {
      return allowed.has(token);
    }
    const is = either();
    tokens.shift();
    return is;
  };
  return either();
}

const args = ['metadata', '--format-version', '1', '--all-features', '--locked'];
const { packages } = JSON.parse(
  execFileSync('cargo', args, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28 }),
);
const wrong = [];
const versions = new Map();
for (const { name, version, license, source } of packages) {
  const what = `${name} ${version}`;
  if (license === null || !satisfies(license)) {
    wrong.push(`${what} has the licence ${license}, which deny.toml does not allow`);
  }
  if (source !== null && source !== CRATES) {
    wrong.push(`${what} comes from ${source}`);
  }
  if (versions.has(name)) {
    wrong.push(`${what} is there twice, as ${versions.get(name)} too`);
  }
  versions.set(name, version);
}
for (const message of wrong) {
  process.stderr.write(`${message}\n`);
}
process.stdout.write(`${packages.length} crates checked, ${wrong.length} problems\n`);
process.exitCode = wrong.length === 0 ? 0 : 1;
