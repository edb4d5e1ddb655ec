import fc from "fast-check";
import { expect, test } from "vitest";
import { fixedKeys, type KeyRing, type KeySource, keyIdOf, SecretBox, secretKey } from "./secret-box.ts";
import { UnfitDatabase } from "./store.ts";

const ONE = secretKey(Buffer.alloc(32, 1));
const TWO = secretKey(Buffer.alloc(32, 2));
let drawn = 0;
/** Bytes that never repeat. */
const random = (bytes: number) => {
  const given = Buffer.alloc(bytes);
  given.writeUInt32BE(++drawn);
  return given;
};
const boxOf = (ring: KeyRing) => new SecretBox(fixedKeys(ring, "the tests"), random);
const box = boxOf({ current: ONE, older: [] });

test("what is sealed opens in its place, whatever it is, and does not show", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string(), (text, place) => {
      const sealed = box.seal(place, text);
      expect(box.open(place, sealed)).toBe(text);
      expect(keyIdOf(sealed)).toBe(ONE.id);
      if (text.length >= 8) expect(Buffer.from(sealed.split(".")[2] ?? "", "base64url").includes(text)).toBe(false);
    }),
  );
});

test("a value sealed twice looks different each time", () => {
  expect(box.seal("a", "whsec_1")).not.toBe(box.seal("a", "whsec_1"));
});

test("a value that was moved, or of which one bit was changed, does not open", () => {
  const sealed = box.seal("endpoints.url:we_1", "https://example.com/hook?token=1");
  expect(() => box.open("endpoints.url:we_2", sealed)).toThrow(UnfitDatabase);
  expect(() => box.open("endpoints.secrets:we_1", sealed)).toThrow(UnfitDatabase);
  const start = sealed.lastIndexOf(".") + 1;
  const bytes = Buffer.from(sealed.slice(start), "base64url");
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const changed = Buffer.from(bytes);
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(() => box.open("endpoints.url:we_1", sealed.slice(0, start) + changed.toString("base64url"))).toThrow(UnfitDatabase);
  }
});

test.each(["", "https://example.com", "enc1.", `enc1.${ONE.id}.`, `enc1.${ONE.id}.AAAA`, null, 7])(
  "%j is not taken for a sealed value",
  (value) => {
    expect(() => box.open("a", value)).toThrow(UnfitDatabase);
  },
);

test("an opened value that is known by its own place is not known by another", () => {
  const url = { table: "endpoints", column: "url" };
  const sealed = box.seal("endpoints.url:we_1", "https://example.com");
  for (let time = 0; time < 2; time++) {
    expect(box.openKnown(url, "we_1", sealed)).toBe("https://example.com");
    expect(box.openKnown(url, "we_1", JSON.stringify(sealed))).toBe("https://example.com");
    expect(() => box.openKnown(url, "we_2", sealed)).toThrow(UnfitDatabase);
    expect(() => box.openKnown({ table: "endpoints", column: "secrets" }, "we_1", sealed)).toThrow(UnfitDatabase);
  }
});

test("older keys open, the current one seals; a key that is missing is named, and looked for again", () => {
  const sealed = box.seal("a", "one");
  const both = boxOf({ current: TWO, older: [ONE] });
  expect(both.open("a", sealed)).toBe("one");
  expect(keyIdOf(both.seal("a", "two"))).toBe(TWO.id);
  expect(() => boxOf({ current: TWO, older: [] }).open("a", sealed)).toThrow(`key ${ONE.id}, which is not in the tests`);

  let ring: KeyRing = { current: ONE, older: [] };
  const source: KeySource = {
    from: "a file",
    ring: () => ring,
    reload() {
      ring = { current: TWO, older: [ONE] };
    },
    keep: () => undefined,
  };
  const looking = new SecretBox(source, random);
  expect(looking.current).toBe(ONE.id);
  expect(looking.open("a", both.seal("a", "two"))).toBe("two");
  expect(looking.current).toBe(TWO.id);
});

test("a key's id follows from the key, and a key has 32 bytes", () => {
  expect(secretKey(Buffer.alloc(32, 1)).id).toBe(ONE.id);
  expect(ONE.id).not.toBe(TWO.id);
  expect(() => secretKey(Buffer.alloc(16))).toThrow("32 bytes");
});

test("what is not opened any more for long is forgotten, and opens again", () => {
  const url = { table: "endpoints", column: "url" };
  const first = box.seal("endpoints.url:we_0", "first");
  expect(box.openKnown(url, "we_0", first)).toBe("first");
  // More than twice the number that is remembered.
  for (let n = 0; n < 33_000; n++) box.openKnown(url, "we_1", box.seal("endpoints.url:we_1", String(n)));
  expect(box.openKnown(url, "we_0", first)).toBe("first");
}, 60_000);
