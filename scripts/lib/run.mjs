// Runs commands for the scripts: what they say goes to a log, and a failure carries its end.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** A command that failed, with the last lines of what it said. */
export class CommandError extends Error {
  constructor(command, how, output) {
    const lines = output.trimEnd().split('\n').slice(-25).join('\n');
    super(`${command} ${how}\n${lines}`);
    this.output = output;
  }
}

/** Runs a command; answers what it printed, on both streams (`output`) and on the first (`stdout`). */
export function run(command, args, { cwd = root, env = {}, timeoutMs } = {}) {
  const line = [command, ...args].join(' ');
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: what a program that hangs has started ends with it.
      detached: true,
    });
    let output = '';
    let stdout = '';
    let late = false;
    child.stdout.setEncoding('utf8').on('data', (data) => {
      output += data;
      stdout += data;
    });
    child.stderr.setEncoding('utf8').on('data', (data) => {
      output += data;
    });
    const timer =
      timeoutMs &&
      setTimeout(() => {
        late = true;
        process.kill(-child.pid, 'SIGKILL');
      }, timeoutMs);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (code === 0) {
        resolve({ output, stdout });
      } else {
        const how = late
          ? `did not end within ${timeoutMs / 1000} s`
          : `ended with ${code ?? signal}`;
        reject(new CommandError(line, how, output));
      }
    });
  });
}

/** Whether a command can be started at all. */
export async function exists(command, ...args) {
  return run(command, args).then(
    () => true,
    () => false,
  );
}
