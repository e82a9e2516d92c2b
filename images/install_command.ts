/**
 * The command that installs a package's native library for the machine that runs this: folders of packages that were
 * installed elsewhere, or copied from there, have that of another one.
 */
export function installCommand(name: string): string {
  const { platform, arch } = process;
  return `npm install --os=${platform} --cpu=${arch}${isMusl() ? ' --libc=musl' : ''} ${name}`;
}

/** Whether the C library is musl, as on Alpine, which has binaries of its own. */
function isMusl(): boolean {
  const report: unknown = process.platform === 'linux' ? process.report.getReport() : undefined;
  if (typeof report !== 'object' || report === null || !('header' in report)) return false;
  const { header } = report;
  return typeof header === 'object' && header !== null && !('glibcVersionRuntime' in header);
}
