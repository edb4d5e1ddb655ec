import { createCipheriv, createDecipheriv, createHmac, createSecretKey, type KeyObject } from "node:crypto";
import { UnfitDatabase } from "./store.ts";

/**
 * Secrets at rest: AES-256-GCM with a random nonce of 96 bits, as in NIST SP 800-38D. A sealed value is
 * `enc1.<key id>.<nonce, ciphertext and tag in base64url>`. It is bound to its table, column and row: it does not open
 * anywhere else.
 */

const FORM = "enc1";
/** Sizes in bytes. */
const KEY_LENGTH = 32;
const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;
const ID_CHARS = 12;
const ID_OF = "carabiner secret key id";

/** A key, and its id in sealed values. */
export interface SecretKey {
  id: string;
  key: KeyObject;
}

/** Keys: the current one seals, and each opens what it has sealed. */
export interface KeyRing {
  current: SecretKey;
  older: readonly SecretKey[];
}

/** A source of keys. */
export interface KeySource {
  /** Its name for messages: `the key file /var/lib/carabiner/secrets.key`. */
  readonly from: string;
  /** The keys as last read. */
  ring(): KeyRing;
  /** Reads the keys again. If that fails, the last ones stay. */
  reload(): void;
  /**
   * Makes sure that the keys outlive this process. The store calls it before it seals a first value under one of them.
   */
  keep(): void;
}

/**
 * The key made of 32 bytes. Its id is derived from them, so keys cannot be confused. Throws if there are not exactly 32
 * bytes.
 */
export function secretKey(bytes: Uint8Array): SecretKey {
  if (bytes.length !== KEY_LENGTH) throw new Error(`a key has ${KEY_LENGTH} bytes, not ${bytes.length}`);
  return { id: createHmac("sha256", bytes).update(ID_OF).digest("hex").slice(0, ID_CHARS), key: createSecretKey(bytes) };
}

/** New bytes for a key. */
export const newKeyBytes = (random: (bytes: number) => Uint8Array): Uint8Array => random(KEY_LENGTH);

/** Keys that never change. */
export function fixedKeys(ring: KeyRing, from: string): KeySource {
  return { from, ring: () => ring, reload: () => undefined, keep: () => undefined };
}

/** The prefix of values that a key has sealed. */
export const sealedPrefix = (keyId: string): string => `${FORM}.${keyId}.`;

/** The id of the key that sealed a value; null if it is not sealed. */
export function keyIdOf(value: unknown): string | null {
  const [form, id, sealed] = typeof value === "string" ? value.split(".") : [];
  return form === FORM && id !== undefined && sealed !== undefined ? id : null;
}

function seal({ id, key }: SecretKey, place: string, text: string, nonce: Uint8Array): string {
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  cipher.setAAD(Buffer.from(place));
  const parts = [nonce, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()];
  return sealedPrefix(id) + Buffer.concat(parts).toString("base64url");
}

function open({ key }: SecretKey, place: string, sealed: string): string {
  const bytes = Buffer.from(sealed.slice(sealed.lastIndexOf(".") + 1), "base64url");
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, NONCE_LENGTH), { authTagLength: TAG_LENGTH });
  decipher.setAAD(Buffer.from(place));
  decipher.setAuthTag(bytes.subarray(-TAG_LENGTH));
  return decipher.update(bytes.subarray(NONCE_LENGTH, -TAG_LENGTH), undefined, "utf8") + decipher.final("utf8");
}

/** A column whose values are sealed. */
export interface SealedColumn {
  table: string;
  column: string;
}

/** What a value is bound to: its table, column and row. */
export function placeOf({ table, column }: SealedColumn, ...key: readonly string[]): string {
  return `${table}.${column}:${key.join("\n")}`;
}

/** A sealed value from its column, which may contain a JSON string: the value needs no escapes. */
export function unquoted(stored: unknown): unknown {
  return typeof stored === "string" && stored.startsWith('"') ? stored.slice(1, -1) : stored;
}

/** How many opened values each of two generations remembers: those of recently read endpoints and applications. */
const KNOWN = 16_384;

/** Seals and opens with the keys of one source. */
export class SecretBox {
  readonly keys: KeySource;
  readonly #random: (bytes: number) => Uint8Array;
  /**
   * Opened values by the content of their columns. Once the newer generation is full, it replaces the older one, which
   * is dropped.
   */
  #newer = new Map<string, { column: SealedColumn; row: string; text: string }>();
  #older = this.#newer;

  constructor(keys: KeySource, random: (bytes: number) => Uint8Array) {
    this.keys = keys;
    this.#random = random;
  }

  /** The id of the key that seals. */
  get current(): string {
    return this.keys.ring().current.id;
  }

  /** The ids of all keys: the one that seals first, then those that only open. */
  get ids(): readonly string[] {
    const { current, older } = this.keys.ring();
    return [current, ...older].map(({ id }) => id);
  }

  /** Seals a text for its place, under the current key. */
  seal(place: string, text: string): string {
    return seal(this.keys.ring().current, place, text, this.#random(NONCE_LENGTH));
  }

  /**
   * Opens a value that was sealed for this place. Throws `UnfitDatabase` if the value is in clear, was moved or
   * changed, or was sealed with a key that we do not have.
   */
  open(place: string, sealed: unknown): string {
    const id = keyIdOf(sealed);
    if (id === null) throw new UnfitDatabase(`The value of ${place} is not sealed, but must be.`);
    try {
      return open(this.#key(id), place, sealed as string);
    } catch (error) {
      if (error instanceof UnfitDatabase) throw error;
      throw new UnfitDatabase(`The sealed value of ${place} does not open: it was changed, or it belongs to another row.`, {
        cause: error,
      });
    }
  }

  /** The same for the content of a column that is read often: each value is opened only once. */
  openKnown(column: SealedColumn, row: string, stored: unknown): string {
    // Looked up by the existing text, because this runs for every delivery.
    const known = this.#newer.get(stored as string) ?? this.#older.get(stored as string);
    if (known !== undefined && known.row === row && known.column === column) return known.text;
    const text = this.open(placeOf(column, row), unquoted(stored));
    if (this.#newer.size >= KNOWN) {
      this.#older = this.#newer;
      this.#newer = new Map();
    }
    this.#newer.set(stored as string, { column, row, text });
    return text;
  }

  /** Throws `UnfitDatabase` if we do not have the key with this id, even after reading the keys again. */
  need(id: string): void {
    this.#key(id);
  }

  #key(id: string): SecretKey {
    const known = find(this.keys.ring(), id);
    if (known !== undefined) return known;
    this.keys.reload();
    const reloaded = find(this.keys.ring(), id);
    if (reloaded !== undefined) return reloaded;
    throw new UnfitDatabase(
      `Its secrets are sealed with key ${id}, which is not in ${this.keys.from}. Restore that key, or name the key file that contains it with --key-file.`,
      { keysDiffer: true },
    );
  }
}

function find({ current, older }: KeyRing, id: string): SecretKey | undefined {
  return current.id === id ? current : older.find((key) => key.id === id);
}
