import { type ChildProcess, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import * as library from 'fd-conduit';
import { root } from './installed.js';
import { programs } from './programs.js';

// Every program in the documents, and every @example of the public types, is run as a reader
// would run it: a process of its own, in an empty folder with a notes.txt.

const documents = [
  'README.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];

/** What the examples of the doc comments leave out. */
const IMPORTS = `import { once } from 'node:events';
import fs from 'node:fs';
import { open } from 'node:fs/promises';
import net from 'node:net';
import { ${Object.keys(library)
  .filter((name) => /^\w+$/.test(name) && name !== 'default')
  .join(', ')} } from 'fd-conduit';
`;

function folder(t: ExecutionContext): string {
  const path = mkdtempSync(join(tmpdir(), 'fd-conduit-docs-'));
  t.teardown(() => rmSync(path, { recursive: true }));
  mkdirSync(join(path, 'node_modules'));
  symlinkSync(root, join(path, 'node_modules', 'fd-conduit'));
  writeFileSync(join(path, 'notes.txt'), 'some notes\n');
  return path;
}

function start(t: ExecutionContext, cwd: string, name: string, program: string): ChildProcess {
  writeFileSync(join(cwd, name), program);
  const child = spawn(process.execPath, [name], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const giveUp = setTimeout(() => child.kill('SIGKILL'), 20_000);
  child.once('close', () => clearTimeout(giveUp));
  t.teardown(() => child.kill('SIGKILL'));
  return child;
}

async function finish(child: ChildProcess): Promise<{ outcome: unknown; output: string }> {
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      output += chunk;
    });
  }
  const outcome = await new Promise((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal));
  });
  return { outcome, output };
}

test("the README's first example hands a file to another process", async (t) => {
  const [receiver, sender] = programs('README.md') as [string, string];
  t.regex(receiver, /^\/\/ receiver\.mjs$/m);
  t.regex(sender, /^\/\/ sender\.mjs$/m);
  const cwd = folder(t);
  const child = start(t, cwd, 'receiver.mjs', receiver);
  const receiving = finish(child);
  while (child.exitCode === null && !existsSync(join(cwd, 'example.sock'))) {
    await delay(5);
  }
  const sending = finish(start(t, cwd, 'sender.mjs', sender));
  t.deepEqual(await sending, { outcome: 0, output: '' });
  t.deepEqual(await receiving, { outcome: 0, output: 'some notes\n\n' });
  t.false(existsSync(join(cwd, 'example.sock')));
});

for (const document of documents) {
  const all = programs(document).filter((program) => !/^\/\/ \w+\.mjs$/m.test(program));
  all.forEach((program, index) => {
    test(`${document}: program ${index + 1} of ${all.length} runs`, async (t) => {
      const { outcome, output } = await finish(start(t, folder(t), 'program.mjs', program));
      t.is(outcome, 0, output);
    });
  });
}

const types = readFileSync(join(root, 'index.d.ts'), 'utf8');
const examples = [...types.matchAll(/@example\n(.*?)\n\s*\*(?:\/| @)/gs)].map(([, lines]) =>
  (lines as string).replace(/^\s*\* ?/gm, ''),
);

examples.forEach((example, index) => {
  test(`index.d.ts: example ${index + 1} of ${examples.length} runs`, async (t) => {
    const program = `${IMPORTS}${example}\n`;
    const { outcome, output } = await finish(start(t, folder(t), 'example.mjs', program));
    t.is(outcome, 0, output);
  });
});
