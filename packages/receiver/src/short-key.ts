/**
 * The most characters of a key. PostgreSQL's indexes take keys of up to 2,704 bytes: the name of the handler, and up to
 * three bytes for each character.
 */
const LONGEST = 600;
/** How much of a longer key is kept unchanged. */
const KEPT = 300;

/** A key that every inbox can index. A long key is replaced by its beginning and a hash of the whole. */
export function shortKey(key: string): string {
  return key.length <= LONGEST ? key : `${key.slice(0, KEPT)}#${key.length}#${hash(key, 0x811c9dc5)}${hash(key, 0x050c5d1f)}`;
}

/** FNV-1a of a text's code units, in 32 bits. Source: http://www.isthe.com/chongo/tech/comp/fnv/ */
function hash(text: string, basis: number): string {
  let value = basis;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return (value >>> 0).toString(16).padStart(8, "0");
}
