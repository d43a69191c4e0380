/** The example programs, by path without ending, and what each prints. */
export const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  'unet/pair': ['head body file', 'the end'],
  'unet/server': ['you are me'],
  'unet/datagrams': ['11 bytes from a path'],
  'fd/put-get': ['program has a text', 'nothing is empty', 'EndOfStream'],
};
