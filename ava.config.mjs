export default {
  files: ['__test__/**/*.test.ts'],
  typescript: { rewritePaths: { '__test__/': 'build/__test__/' }, compile: false },
  // Descriptor numbers belong to the process: a file that counts them must have
  // one of its own, and its tests one after the other.
  workerThreads: false,
  serial: true,
  nodeArguments: ['--enable-source-maps', '--expose-gc'],
  timeout: '2m',
};
