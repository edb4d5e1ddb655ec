/** What to do about tables whose version this program does not know, or may not change. */
export function otherVersion(version: number, known: number): string {
  return version > known
    ? `The inbox's tables have version ${version}, but this program knows ${known}: update @carabiner/receiver.`
    : `The inbox's tables have version ${version}, but this program needs ${known}: start a receiver of this program's version, which updates them.`;
}
