import { hash } from "node:crypto";
import { dirname, join } from "node:path";
import { keyOfText, keysOfFile, UnusableKeys } from "./key-file.ts";
import { fixedKeys, type KeySource, secretKey } from "./store/secret-box.ts";

/** Where a server keeps everything: in memory, in its own SQLite file, or in a PostgreSQL database. */
export type StoreLocation = "memory" | { file: string } | { url: string };

/**
 * The keys that secrets are sealed with: those of a key file, or text, separated by commas. The first one seals, all of
 * them open.
 */
export type SecretKeys = { file: string } | { keys: string };

/** The key file beside a database file. */
const KEY_FILE = "secrets.key";

/** A development server's key for a shared database. It is public, like the server's API keys. */
const DEV_KEY = "the secrets of a development server are no secrets";

/**
 * The keys for a store: the given ones; otherwise, for a database file, those of `secrets.key` beside it, which is
 * created if it does not exist. Undefined in memory: that store makes its own key. PostgreSQL needs explicit keys,
 * except on a development server. Throws `UnusableKeys`.
 */
export function keysFor(
  store: StoreLocation,
  given: SecretKeys | undefined,
  { dev, onMade }: { dev: boolean; onMade?: (path: string) => void },
): KeySource | undefined {
  if (given !== undefined && "keys" in given) return keysOfText(given.keys);
  const inFile = store !== "memory" && "file" in store;
  const told = onMade === undefined ? {} : { onMade };
  if (given !== undefined) return keysOfFile(given.file, { make: inFile, ...told });
  if (store === "memory") return undefined;
  if (inFile) return keysOfFile(keyFileBeside(store.file), { make: true, ...told });
  if (dev) return fixedKeys({ current: secretKey(hash("sha256", DEV_KEY, "buffer")), older: [] }, "a development server");
  throw new UnusableKeys("A PostgreSQL database needs a key for its secrets, the same on every server that shares it.", {
    remedy: "Create a key file with `carabiner secrets create-key FILE`, and name it with --key-file FILE (CARABINER_KEY_FILE).",
  });
}

/** A store's location in the form of `openStore`. */
export function locationOf(store: StoreLocation): string {
  if (store === "memory") return store;
  return "file" in store ? store.file : store.url;
}

/** The default key file of a database file. */
export function keyFileBeside(database: string): string {
  return join(dirname(database), KEY_FILE);
}

function keysOfText(text: string): KeySource {
  const from = "CARABINER_KEY";
  const [current, ...older] = text.split(",").map((one) => keyOfText(one.trim(), from));
  if (current === undefined) throw new UnusableKeys(`${from} contains no keys.`);
  return fixedKeys({ current, older }, from);
}
