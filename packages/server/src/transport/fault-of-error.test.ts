import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ADDRESS_BLOCKED,
  CONNECT_TIMED_OUT,
  faultOfError,
  NAME_NOT_FOUND,
  NAME_SERVICE_AWAY,
  PROXY_FAILED,
  PROXY_REFUSED,
} from "./fault-of-error.ts";

const systemError = (code: string, syscall = "connect") =>
  Object.assign(new Error(`${syscall} ${code} 10.1.2.3:443`), { code, syscall, errno: -1, address: "10.1.2.3" });
const certificateError = (message: string) => Object.assign(new Error(message), { code: "UNSPECIFIED" });
const coded = (code: string) => Object.assign(new Error("of 10.1.2.3"), { code });

describe("the fault that an error stands for", () => {
  it.each([
    [systemError("ECONNREFUSED"), "connection_refused", "nothing listens"],
    [systemError("ECONNRESET", "read"), "connection_reset", "closed the connection"],
    [systemError("EPIPE", "write"), "connection_reset", "closed the connection"],
    [coded(NAME_NOT_FOUND), "dns_failure", "not found"],
    [coded(NAME_SERVICE_AWAY), "dns_failure", "name service"],
    [systemError("ENETUNREACH"), "network_unreachable", "cannot be reached"],
    [systemError("EHOSTUNREACH"), "network_unreachable", "cannot be reached"],
    [systemError("EACCES"), "network_unreachable", "does not permit"],
    [systemError("ETIMEDOUT"), "connect_timeout", "could not be made in time"],
    [systemError("ETIMEDOUT", "read"), "timeout", "did not answer in time"],
    [coded(CONNECT_TIMED_OUT), "connect_timeout", "could not be made in time"],
    [coded("CERT_HAS_EXPIRED"), "tls_failure", "expired"],
    [coded("CERT_NOT_YET_VALID"), "tls_failure", "not valid yet"],
    [coded("DEPTH_ZERO_SELF_SIGNED_CERT"), "tls_failure", "self-signed"],
    [coded("UNABLE_TO_VERIFY_LEAF_SIGNATURE"), "tls_failure", "intermediate certificates"],
    [coded("ERR_TLS_CERT_ALTNAME_INVALID"), "tls_failure", "another host name"],
    [certificateError("EE certificate key too weak"), "tls_failure", "2048 bits"],
    [certificateError("CA signature digest algorithm too weak"), "tls_failure", "SHA-256"],
    [certificateError("unhandled critical extension"), "tls_failure", "not accepted (unhandled critical extension)."],
    [certificateError("of 10.1.2.3"), "tls_failure", "not accepted."],
    [coded("CERT_CHAIN_TOO_LONG"), "tls_failure", "CERT_CHAIN_TOO_LONG"],
    [coded("ERR_SSL_WRONG_VERSION_NUMBER"), "tls_failure", "http address"],
    [coded("ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION"), "tls_failure", "TLS 1.2"],
    [coded("ERR_SSL_TLSV1_ALERT_INSUFFICIENT_SECURITY"), "tls_failure", "TLS 1.2"],
    [coded("ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE"), "tls_failure", "no cipher in common"],
    [coded("ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE"), "tls_failure", "client certificate"],
    [coded("ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE"), "tls_failure", "asks for a client certificate"],
    [coded("ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED"), "tls_failure", "asks for a client certificate"],
    [coded("ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL"), "tls_failure", "does not offer HTTP/1.1"],
    [coded("ERR_SSL_TLSV1_UNRECOGNIZED_NAME"), "tls_failure", "does not know this host name"],
    [coded("ERR_SSL_BAD_SIGNATURE"), "tls_failure", "ERR_SSL_BAD_SIGNATURE"],
    [coded(ADDRESS_BLOCKED), "address_blocked", "Destination not allowed."],
  ])("%s is %s", (error, code, words) => {
    const fault = faultOfError(error);
    expect(fault.code).toBe(code);
    expect(fault.reason).toContain(words);
    expect(fault.cause).toBeUndefined();
  });

  it.each([
    [coded(PROXY_REFUSED), "address_blocked", "Destination not allowed."],
    [coded(PROXY_FAILED), "proxy_failure", "egress proxy"],
  ])("%s is %s, and the operator is told", (error, code, words) => {
    expect(faultOfError(error)).toMatchObject({ code, reason: expect.stringContaining(words), cause: error });
  });

  it.each([
    systemError("EMFILE"),
    new TypeError("x is not a function"),
    new RangeError("out of range"),
    Object.assign(new Error("assertion"), { code: "ERR_ASSERTION" }),
    coded("toString"),
    "a string",
    undefined,
  ])("%s costs the attempt and nothing else; it is kept for the log", (error) => {
    expect(faultOfError(error)).toMatchObject({
      code: "unknown_fault",
      reason: expect.stringMatching(/^The attempt failed/),
      cause: error,
    });
  });

  it("gives away no address, whatever the error", () => {
    const codes = fc.oneof(fc.string(), fc.stringMatching(/^(?:E|ERR_SSL_|UND_ERR_|CERT_)[A-Z_]{1,12}$/), fc.constant("UNSPECIFIED"));
    fc.assert(
      fc.property(codes, fc.constantFrom("connect", "read", "getaddrinfo"), (code, syscall) => {
        expect(faultOfError(systemError(code, syscall)).reason).not.toContain("10.1.2.3");
      }),
    );
  });
});
