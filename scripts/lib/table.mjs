// Prints rows under their heads, in columns as wide as they need.

/** A Markdown table, which reads well on a terminal too. */
export function table(heads, rows) {
  const cells = [heads, ...rows].map((row) => row.map((cell) => String(cell ?? '')));
  const widths = heads.map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  const line = (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`;
  const rule = line(widths.map((width) => '-'.repeat(width)));
  return [line(cells[0]), rule, ...cells.slice(1).map(line)].join('\n');
}

/** The first line of what went wrong, for a cell. */
export function firstLine(error) {
  return String(error?.message ?? error).split('\n', 1)[0];
}
