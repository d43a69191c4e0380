/** What this system may be, as the packages are named. */
export function systems(): string[] {
  const { platform, arch } = process;
  if (platform !== 'linux') {
    return [`${platform}-${arch}`];
  }
  // npm installs the one that fits; where both are there, the wrong one does not load.
  const suffix = arch === 'arm' ? 'eabihf' : '';
  return [`linux-${arch}-gnu${suffix}`, `linux-${arch}-musl${suffix}`];
}
