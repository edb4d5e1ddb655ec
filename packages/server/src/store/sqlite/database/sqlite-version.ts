/**
 * Whether SQLite of this version ("3.53.4") can lose committed changes in a write-ahead log. From 3.7.0 on, the log's
 * reset could race with a checkpoint. This was fixed in 3.51.3, and in 3.50.7 and 3.44.6 for those lines. 3.52.0 was
 * withdrawn.
 * Source: https://www.sqlite.org/wal.html#walresetbug
 */
export function losesCommits(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split(".").map(Number);
  if (major !== 3) return major < 3;
  if (minor === 44) return patch < 6;
  if (minor === 50) return patch < 7;
  if (minor === 51) return patch < 3;
  return minor < 51 || minor === 52;
}
