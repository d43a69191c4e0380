import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { root } from './installed.js';

/** Every function and type of the Go packages' documentation: a type's methods by its name. */
const NAMES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'docs/unet.md': {
    '': 'SocketPair Bind BindAndListen NewServerSocket',
    ControlMessage: 'CloseFDs EnableFDs ExtractFDs PackFDs UnpackFDs',
    ServerSocket: 'Accept Close FD Listen Release',
    Socket:
      'Close FD GetPeerCred GetPeerName GetSockName GetSockOpt Read Reader Release SetSockOpt Shutdown Write Writer',
    SocketReader: 'ReadVec',
    SocketWriter: 'WriteVec',
  },
  'docs/fd.md': { '': 'Put Get' },
};

/** The cells of each row of a document's first table. */
function rows(document: string): string[][] {
  const text = readFileSync(join(root, document), 'utf8');
  const [table = ''] = /^\| Go .*?\n\n/ms.exec(text) ?? [];
  const lines = table.trim().split('\n').slice(2);
  return lines.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

for (const [document, types] of Object.entries(NAMES)) {
  test(`${document} has a row for every function and type, and no empty cell`, (t) => {
    const table = rows(document);
    t.true(table.every((cells) => cells.length === 3 && cells.every((cell) => cell !== '')));
    const first = table.map(([cell = '']) => cell);
    for (const [type, names] of Object.entries(types)) {
      const begins = names.split(' ').map((name) => `\`${type && `(*${type}) `}${name}(`);
      for (const begin of type === '' ? begins : [`\`type ${type}\``, ...begins]) {
        t.is(first.filter((cell) => cell.startsWith(begin)).length, 1, begin);
      }
    }
  });
}
