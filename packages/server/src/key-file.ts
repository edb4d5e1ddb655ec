import { randomBytes } from "node:crypto";
import {
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileFault } from "./file-fault.ts";
import { isMissing } from "./is-missing.ts";
import { type KeyRing, type KeySource, newKeyBytes, type SecretKey, secretKey } from "./store/secret-box.ts";

/** Keys that cannot be used: they are missing, or a key file cannot be read or written. */
export class UnusableKeys extends Error {
  override readonly name = "UnusableKeys";
  /** How to fix it; null when the message says so. */
  readonly remedy: string | null;

  constructor(message: string, { remedy = null, ...options }: ErrorOptions & { remedy?: string | null } = {}) {
    super(message, options);
    this.remedy = remedy;
  }
}

/** A key in the format of the file. */
interface KeptKey {
  id: string;
  /** 32 bytes in base64. */
  key: string;
}

/** A note in the file for anyone who opens it. */
const ABOUT =
  "Keys that the secrets in Carabiner's database are sealed with. The first seals, all open. Back this file up, apart from the database: without it the secrets are lost.";

/** Only the owner has access. */
const PRIVATE = 0o600;

/** What to do when a key file cannot be read, by error code. */
const READING: Readonly<Record<string, string>> = {
  EACCES: "Let the user that runs this own it, and let nobody else read it: chown, chmod 600.",
  EISDIR: "Name the file in it.",
};

/**
 * The keys of a file. If it is missing and `make` is set, makes a new key, which is written once the store keeps
 * something with it. Throws `UnusableKeys` if the file is missing or unreadable. `onMade` is called after the write.
 */
export function keysOfFile(path: string, { make, onMade }: { make: boolean; onMade?: (path: string) => void }): KeySource {
  const file = resolve(path);
  let made: KeptKey | null = null;
  let ring: KeyRing;
  if (make && isMissing(file)) {
    made = newKey();
    ring = ringOf([made], file);
  } else ring = ringOf(readKeys(file), file);
  let seen = made === null ? markOf(file) : null;
  return {
    get from() {
      return made === null ? `the key file ${file}` : `the key file ${file}, as there is none`;
    },
    ring: () => ring,
    reload() {
      const mark = markOf(file);
      if (mark === null || mark === seen) return;
      try {
        ring = ringOf(readKeys(file), file);
        made = null;
        seen = mark;
      } catch (error) {
        // The file is being replaced, or was damaged. The keys in memory still open what they sealed.
        if (!(error instanceof UnusableKeys)) throw error;
      }
    },
    keep() {
      if (made === null) return;
      writeKeys(file, [made], true);
      made = null;
      seen = markOf(file);
      onMade?.(file);
    },
  };
}

/** Makes a key file with one new key. The file must not exist yet. Returns the key's id. Throws `UnusableKeys`. */
export function createKeyFile(path: string): string {
  const key = newKey();
  writeKeys(resolve(path), [key], true);
  return key.id;
}

/** Adds a new key to a file and makes it the sealing key. Returns its id. Throws `UnusableKeys`. */
export function addKey(path: string): string {
  const file = resolve(path);
  const key = newKey();
  writeKeys(file, [key, ...readKeys(file)], false);
  return key.id;
}

/** Removes keys from a file, except the first. Throws `UnusableKeys`. */
export function dropKeys(path: string, ids: readonly string[]): void {
  const file = resolve(path);
  const keys = readKeys(file);
  const left = keys.filter(({ id }, nth) => nth === 0 || !ids.includes(id));
  if (left.length < keys.length) writeKeys(file, left, false);
}

/** A key of 32 bytes as text, in base64 or in hexadecimal. Throws `UnusableKeys`, which never contains the text. */
export function keyOfText(text: string, from: string): SecretKey {
  const bytes = /^[0-9a-f]{64}$/i.test(text) ? Buffer.from(text, "hex") : /^[\w+/-]{43}=?$/.test(text) ? Buffer.from(text, "base64") : null;
  if (bytes?.length !== 32) throw new UnusableKeys(`${from} must hold keys of 32 bytes, each in base64 or in hexadecimal.`);
  return secretKey(bytes);
}

function newKey(): KeptKey {
  const bytes = newKeyBytes(randomBytes);
  return { id: secretKey(bytes).id, key: Buffer.from(bytes).toString("base64") };
}

function ringOf(kept: readonly KeptKey[], file: string): KeyRing {
  const [current, ...older] = kept.map(({ id, key }) => {
    const one = keyOfText(key, `The key file ${file}`);
    if (one.id !== id) throw new UnusableKeys(`In the key file ${file} the key named ${id} has changed: was the file edited by hand?`);
    return one;
  });
  if (current === undefined) throw new UnusableKeys(`The key file ${file} contains no keys.`);
  return { current, older };
}

function readKeys(file: string): KeptKey[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT")
      throw new UnusableKeys(`There is no key file ${file}.`, {
        remedy: `Copy the one that the database was made with, or for a new database create one: carabiner secrets create-key ${file}`,
        cause: error,
      });
    throw new UnusableKeys(`The key file ${file} cannot be read: ${fileFault(error)}.`, {
      remedy: READING[code ?? ""] ?? "Look at the file and the disk that it is on.",
      cause: error,
    });
  }
  // The cause is dropped: a parser's message contains some of the text.
  let parsed: { keys?: unknown } | null = null;
  try {
    parsed = JSON.parse(text);
  } catch {
    parsed = null;
  }
  const keys = parsed?.keys;
  const isKey = (key: unknown): key is KeptKey =>
    typeof key === "object" && key !== null && "id" in key && typeof key.id === "string" && "key" in key && typeof key.key === "string";
  if (!Array.isArray(keys) || !keys.every(isKey))
    throw new UnusableKeys(`${file} is not a key file.`, {
      remedy: "Name the one that the database was made with, or for a new database create one: carabiner secrets create-key FILE",
    });
  return keys;
}

/**
 * Identifies a version of the file: it differs after each change. Null when the file does not exist or this process may
 * not look at it.
 */
function markOf(file: string): string | null {
  try {
    const found = statSync(file, { bigint: true });
    return `${found.ino} ${found.mtimeNs} ${found.size}`;
  } catch {
    return null;
  }
}

/** The ending of a temporary file's name: six random bytes. */
const LEFTOVER = /^\.[0-9a-f]{12}$/;

/**
 * Writes a whole file beside the old one and then replaces that, so that a complete file is on disk at every moment.
 */
function writeKeys(file: string, keys: readonly KeptKey[], isNew: boolean): void {
  let beside = "";
  try {
    // A link stays a link, and the file keeps its permissions, even if another user writes it.
    const target = isNew ? file : realpathSync(file);
    const owner = isNew ? null : statSync(target);
    const name = `${target}.${randomBytes(6).toString("hex")}`;
    const descriptor = openSync(name, "wx", PRIVATE);
    beside = name;
    try {
      fchmodSync(descriptor, PRIVATE);
      if (owner !== null && process.getuid?.() === 0) fchownSync(descriptor, owner.uid, owner.gid);
      writeSync(descriptor, `${JSON.stringify({ about: ABOUT, keys }, null, 2)}\n`);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    if (isNew) linkSync(beside, file);
    else renameSync(beside, target);
    rmSync(beside, { force: true });
    removeLeftovers(target);
    syncFolder(dirname(target));
  } catch (error) {
    if (beside !== "") rmSync(beside, { force: true });
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") throw new UnusableKeys(`${file} already exists.`, { remedy: "Name another file.", cause: error });
    throw new UnusableKeys(`The key file ${file} cannot be written: ${fileFault(error)}.`, {
      remedy: "Look at who may write its folder, and at the space on the disk.",
      cause: error,
    });
  }
}

/**
 * Removes temporary files of a process that was killed while writing: they contain keys that may have been retired
 * since.
 */
function removeLeftovers(file: string): void {
  const name = basename(file);
  for (const found of readdirSync(dirname(file)))
    if (found.startsWith(`${name}.`) && LEFTOVER.test(found.slice(name.length))) rmSync(join(dirname(file), found), { force: true });
}

function syncFolder(folder: string): void {
  // Windows cannot open folders.
  if (process.platform === "win32") return;
  const descriptor = openSync(folder, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
