import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** The checkout. */
export const root = join(__dirname, '..', '..', '..');

const consumer = join(root, '__test__', 'package', 'consumer');

/** What the tests read of a package.json. */
export interface Manifest {
  readonly dependencies?: unknown;
  readonly gypfile?: unknown;
  readonly scripts?: Readonly<Record<string, string>>;
}

/** An empty project in which the package was installed, out of what `npm pack` makes. */
export class Installed {
  readonly #directory = mkdtempSync(join(tmpdir(), 'fd-conduit-'));
  #files: readonly string[] = [];
  #packedBytes = 0;

  /** Packs and installs. */
  async install(): Promise<void> {
    const directory = this.#directory;
    // What is built is what these tests are about; the scripts would see whether to build again.
    const packing = ['pack', '--json', '--ignore-scripts', '--pack-destination', directory];
    const [packed] = JSON.parse(await run('npm', packing, root));
    this.#files = packed.files.map((file: { path: string }) => file.path);
    this.#packedBytes = packed.size;

    cpSync(consumer, directory, { recursive: true });
    cpSync(join(root, 'build', 'examples'), join(directory, 'examples'), { recursive: true });
    writeFileSync(join(directory, 'notes.txt'), 'some notes\n');
    writeFileSync(join(directory, 'package.json'), '{ "name": "consumer", "private": true }');
    const quiet = ['--offline', '--no-audit', '--no-fund'];
    await run('npm', ['install', ...quiet, join(directory, packed.filename)], directory);
  }

  /** The paths that the package has. */
  get files(): readonly string[] {
    return this.#files;
  }

  /** How large the packed package is, with the binary of this platform. */
  get packedBytes(): number {
    return this.#packedBytes;
  }

  /** The package.json of the installed package. */
  get manifest(): Manifest {
    return JSON.parse(this.read('node_modules/fd-conduit/package.json'));
  }

  /** Where a file of the project is. */
  path(path: string): string {
    return join(this.#directory, path);
  }

  /** A file of the project. */
  read(path: string): string {
    return readFileSync(this.path(path), 'utf8');
  }

  /** Runs one of its programs, and answers what that and the processes it starts print. */
  node(program: string, ...args: string[]): Promise<string> {
    return run(process.execPath, [program, ...args], this.#directory);
  }

  /** Adds a program. */
  write(path: string, program: string): void {
    writeFileSync(this.path(path), program);
  }

  /** Compiles its TypeScript, with this checkout's compiler and Node types. */
  async compile(): Promise<void> {
    const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const types = join(root, 'node_modules', '@types');
    await this.node(compiler, '--project', 'tsconfig.json', '--typeRoots', types);
  }

  remove(): void {
    rmSync(this.#directory, { recursive: true });
  }
}

async function run(command: string, args: readonly string[], cwd: string): Promise<string> {
  const { stdout } = await promisify(execFile)(command, args, { cwd });
  return stdout;
}
