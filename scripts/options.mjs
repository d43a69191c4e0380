/** The number behind `--name` on the command line, or `otherwise`. */
export function numberOption(name, otherwise) {
  const index = process.argv.indexOf(`--${name}`);
  const value = index < 0 ? otherwise : Number(process.argv[index + 1]);
  if (!(value > 0)) {
    process.stderr.write(`--${name} takes a number above zero\n`);
    process.exit(2);
  }
  return value;
}
