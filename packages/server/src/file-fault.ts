/** What an error of the file system means for the requested file, by error code. */
const MEANINGS: Readonly<Record<string, string>> = {
  EACCES: "this user is not allowed to",
  EBUSY: "it is in use",
  EDQUOT: "this user may not use more of the disk",
  EEXIST: "there is something by this name",
  EFBIG: "files may not be as large here",
  EIO: "the disk reports an error",
  EISDIR: "it is a folder",
  ELOOP: "its links lead in a circle",
  EMFILE: "this process has as many files open as it may: raise the limit, see `ulimit -n`",
  ENAMETOOLONG: "its name is too long",
  ENFILE: "this machine has as many files open as it can",
  ENOENT: "there is no such file or folder",
  ENOSPC: "the disk is full",
  ENOTDIR: "a part of its path is not a folder",
  EPERM: "it is not permitted there",
  EROFS: "its file system is mounted read-only",
  ETXTBSY: "it is being executed",
};

/** Why a file cannot be read or written, in words and with the code: `the disk is full (ENOSPC)`. Takes any error. */
export function fileFault(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined) return String(error);
  const meaning = Object.hasOwn(MEANINGS, code) ? MEANINGS[code] : undefined;
  return meaning === undefined ? code : `${meaning} (${code})`;
}
