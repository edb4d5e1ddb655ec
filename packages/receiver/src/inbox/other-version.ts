/** What to do about tables of a version that this program does not know, or may not change. */
export function otherVersion(version: number, known: number): string {
  return version > known
    ? `The inbox's tables have version ${version}, and this program knows ${known}: update @carabiner/receiver.`
    : `The inbox's tables have version ${version}, and this program needs ${known}: start a receiver of the same version as this program, which brings them up to date.`;
}
