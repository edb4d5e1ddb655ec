import { createHmac, randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { isSignedWith } from "./signing-keys.ts";

const SECRET = "whsec_0123456789abcdefABCDEF0123456789";
const BODY = Buffer.from('{"id":"evt_1"}');
const TIMESTAMP = "1763942400";
const digitsOf = (signature: Uint8Array): string => Buffer.from(signature).toString("hex");
const RIGHT = createHmac("sha256", SECRET).update(`${TIMESTAMP}.`).update(BODY).digest();

describe.each([
  ["Node's cryptography", true],
  ["WebCrypto, where there is no Node", false],
])("with %s", (_, hasNode) => {
  let isSigned: typeof isSignedWith;

  beforeEach(async () => {
    vi.resetModules();
    if (!hasNode) vi.stubGlobal("process", { ...process, getBuiltinModule: undefined });
    ({ isSignedWith: isSigned } = await import("./signing-keys.ts"));
  });
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  const signedBy = (...signatures: Uint8Array[]) =>
    isSigned(SECRET, { timestamp: Number(TIMESTAMP), writtenTimestamp: TIMESTAMP, signatures: signatures.map(digitsOf) }, BODY);

  test("one right signature among others is enough", async () => {
    expect(await signedBy(RIGHT)).toBe(true);
    expect(await signedBy(randomBytes(32), RIGHT)).toBe(true);
    expect(await signedBy()).toBe(false);
  });

  test("every byte of a signature counts, and their number", async () => {
    for (let at = 0; at < RIGHT.length; at++) {
      const changed = Buffer.from(RIGHT);
      changed[at] = (changed[at] as number) ^ 1;
      expect(await signedBy(changed), `byte ${at}`).toBe(false);
    }
    for (const wrong of [RIGHT.subarray(0, 31), RIGHT.subarray(0, 4), Buffer.concat([RIGHT, RIGHT]), Buffer.alloc(0)])
      expect(await signedBy(wrong), `${wrong.length} bytes`).toBe(false);
  });

  test("the body, the time as it is written and the whole secret count", async () => {
    const header = { timestamp: Number(TIMESTAMP), writtenTimestamp: TIMESTAMP, signatures: [digitsOf(RIGHT)] };
    expect(await isSigned(SECRET, header, Buffer.from('{"id":"evt_2"}'))).toBe(false);
    expect(await isSigned(SECRET, { ...header, writtenTimestamp: `0${TIMESTAMP}` }, BODY)).toBe(false);
    expect(await isSigned(SECRET.slice("whsec_".length), header, BODY)).toBe(false);
  });

  test("secrets and bodies of any length sign as HMAC defines it", async () => {
    for (const bytes of [1, 63, 64, 65, 200]) {
      for (const length of [0, 1, 65_536, 65_537, 200_000]) {
        const secret = "é".repeat(bytes >> 1) + "s".repeat(bytes % 2);
        const body = Buffer.alloc(length, "body");
        const signature = createHmac("sha256", secret).update(`${TIMESTAMP}.`).update(body).digest("hex");
        const header = { timestamp: Number(TIMESTAMP), writtenTimestamp: TIMESTAMP, signatures: [signature] };
        expect(await isSigned(secret, header, body), `${bytes} and ${length} bytes`).toBe(true);
        expect(await isSigned(`${secret}0`, header, body), `${bytes} and ${length} bytes`).toBe(false);
      }
    }
  });
});
