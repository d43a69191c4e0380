import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { supported } from 'fd-conduit';
import { runProgram } from '../support/program.js';
import { root } from './installed.js';

interface Outcome {
  readonly how: string;
  readonly type: string;
  readonly message: string;
}

/** What the package answers where the process believes to be on another system. */
async function elsewhere(
  t: ExecutionContext,
  platform: string,
  arch: string,
): Promise<{ supported: boolean; outcomes: Record<string, Outcome> }> {
  const { output, code } = await runProgram(t, 'elsewhere', { args: [platform, arch] });
  t.is(code, 0);
  return JSON.parse(output);
}

const REJECTING = ['Conduit.connect', 'UnixSocket.connect', 'get', 'put'];

for (const [platform, arch, message] of [
  ['win32', 'x64', /Windows passes no descriptors.*`supported`/],
  ['linux', 'ppc64', /no binary for this system.*"npm run build"/],
  ['linux', 'arm64', /"npm install fd-conduit-linux-arm64-gnu" or .*-musl".*Alpine/],
  ['linux', 'arm', /"npm install fd-conduit-linux-arm-gnueabihf"/],
  ['darwin', 'arm64', /not installed.*"npm install fd-conduit-darwin-arm64"/],
] as const) {
  test(`On ${platform} ${arch} it imports, and every call says Unsupported and the way out`, async (t) => {
    const { supported, outcomes } = await elsewhere(t, platform, arch);
    t.false(supported);
    for (const [name, outcome] of Object.entries(outcomes)) {
      t.is(outcome.type, 'Unsupported', `${name}: ${outcome.message}`);
      t.regex(outcome.message, message, name);
      t.is(outcome.how, REJECTING.includes(name) ? 'rejected' : 'threw', name);
    }
  });
}

test('Here it is supported', (t) => {
  t.true(supported);
});

test('The systems that the message names are those that packages are made for', (t) => {
  const { napi } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const source = readFileSync(join(root, 'lib', 'unsupported.ts'), 'utf8');
  const [, list = ''] = /PUBLISHED[^=]*= \[([^\]]*)\]/.exec(source) ?? [];
  const published = [...list.matchAll(/'([^']+)'/g)].map(([, name]) => name);
  t.is(published.length, napi.targets.length);
  for (const name of published) {
    const manifest = readFileSync(join(root, 'npm', `${name}`, 'package.json'), 'utf8');
    t.is(JSON.parse(manifest).name, `fd-conduit-${name}`);
  }
});
