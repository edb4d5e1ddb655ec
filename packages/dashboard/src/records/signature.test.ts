import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { readSignature, signatureOf } from "./signature.ts";

test("a header is taken apart, with one signature for each secret", () => {
  expect(readSignature("t=1795960944,v1=aa,v1=bb,v0=cc")).toEqual({ timestamp: 1_795_960_944, signatures: ["aa", "bb"] });
  for (const header of ["", "t=1", "v1=aa", "t=x,v1=aa"]) expect(readSignature(header), header).toBeNull();
});

test("a secret makes the signature that the server makes", async () => {
  const signed = '1795960944.{"id":"evt_1","name":"Jürgen"}';
  expect(await signatureOf("whsec_test", signed)).toBe(createHmac("sha256", "whsec_test").update(signed).digest("hex"));
});
