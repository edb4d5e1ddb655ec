import { expect, test } from "vitest";
import { certificateAdvice, isCertificateRefused, reasonOf } from "./certificate-advice.ts";

test.each([
  "CERT_HAS_EXPIRED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "INVALID_PURPOSE",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
])("%s is a certificate that is not accepted", (code) => {
  const failure = { code, message: "of 10.1.2.3" };
  expect(isCertificateRefused(failure)).toBe(true);
  expect(certificateAdvice(failure)).toContain("NODE_EXTRA_CA_CERTS");
  expect(reasonOf(failure)).toBe(code);
});

test("a certificate that is refused for a reason without a name is told with OpenSSL's words", () => {
  const failure = { code: "UNSPECIFIED", message: "EE certificate key too weak" };
  expect(certificateAdvice(failure)).toContain("certificate was not accepted");
  expect(reasonOf(failure)).toBe("EE certificate key too weak");
});

test("a server that speaks plain HTTP is not one that is away", () => {
  const failure = { code: "ERR_SSL_WRONG_VERSION_NUMBER", message: "wrong version number" };
  expect([isCertificateRefused(failure), certificateAdvice(failure)]).toEqual([false, expect.stringContaining("http://")]);
});

test.each(["ECONNREFUSED", "ENOTFOUND", undefined])("%s has nothing to do with TLS", (code) => {
  expect([isCertificateRefused({ code }), certificateAdvice({ code, message: "x" })]).toEqual([false, null]);
});
