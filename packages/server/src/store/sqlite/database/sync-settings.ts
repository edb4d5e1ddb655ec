/**
 * The statements that make SQLite's syncs reach the disk on a platform, on top of `synchronous = FULL`. On macOS a
 * plain fsync may leave data in the drive's cache, so SQLite is told to flush that too, at commits and at checkpoints.
 * Source: https://www.sqlite.org/pragma.html#pragma_fullfsync
 */
export function syncSettings(platform: NodeJS.Platform): string {
  return platform === "darwin" ? "PRAGMA fullfsync = 1; PRAGMA checkpoint_fullfsync = 1;" : "";
}
