export default {
  files: ['__test__/**/*.test.ts'],
  typescript: { rewritePaths: { '__test__/': 'build/__test__/' }, compile: false },
  // Descriptor numbers belong to the process: a file that counts them must have one of its own.
  workerThreads: false,
  nodeArguments: ['--enable-source-maps', '--expose-gc'],
  timeout: '2m',
};
