import type { FaultCode } from "./transport.ts";

/** Why no answer came: for the machine, and in plain words. */
export interface Fault {
  code: FaultCode;
  reason: string;
}

/** The code of the error with which a connector refuses an address. */
export const ADDRESS_BLOCKED = "CARABINER_ADDRESS_BLOCKED";

/** The code of the error with which a transport that is closed ends what is under way. */
export const INTERRUPTED = "CARABINER_INTERRUPTED";

/** An address that the rules do not allow. */
export const ADDRESS_NOT_PUBLIC: Fault = {
  code: "address_blocked",
  reason: "The address is not public. Deliveries to private, loopback and reserved addresses are refused.",
};
/** What a transport that is closed answers. */
export const STOPPED: Fault = { code: "interrupted", reason: "This server was stopped while the attempt was under way." };
const NAME_NOT_FOUND: Fault = { code: "dns_failure", reason: "The host name was not found." };
const NAME_SERVICE_AWAY: Fault = { code: "dns_failure", reason: "The host name could not be looked up: the name service gave no answer." };
const UNREACHABLE: Fault = { code: "network_unreachable", reason: "The endpoint's network cannot be reached from here." };
/** A connection that ended without an answer. */
export const CONNECTION_CLOSED: Fault = { code: "connection_reset", reason: "The endpoint closed the connection before it had answered." };
const NOT_HTTP: Fault = { code: "invalid_response", reason: "What the endpoint answered is not valid HTTP/1.1." };
const HEAD_TOO_LARGE: Fault = { code: "headers_too_large", reason: "The headers of the endpoint's answer are too large." };
const NO_CONNECTION_IN_TIME: Fault = { code: "connect_timeout", reason: "The connection could not be made in time." };
const NO_ANSWER_IN_TIME: Fault = { code: "timeout", reason: "The endpoint did not answer in time." };

const tls = (reason: string): Fault => ({ code: "tls_failure", reason });
const SELF_SIGNED = tls("The certificate is self-signed, or signed by an authority that is not trusted.");
const CHAIN_INCOMPLETE = tls(
  "The certificate's issuer is not known: the endpoint must send its intermediate certificates, and their authority must be trusted.",
);
const NOT_TLS = tls("The endpoint did not speak TLS. Is it an http address?");
const NO_COMMON_TLS = tls("The endpoint and this server have no version or cipher of TLS in common; TLS 1.2 is the oldest accepted.");

/**
 * The codes of errors, and the fault that each stands for.
 * Sources: https://nodejs.org/api/errors.html#common-system-errors, https://nodejs.org/api/tls.html#x509-certificate-error-codes,
 * https://undici.nodejs.org/#/docs/api/Errors
 */
const FAULTS: Readonly<Record<string, Fault>> = {
  [ADDRESS_BLOCKED]: ADDRESS_NOT_PUBLIC,
  [INTERRUPTED]: STOPPED,
  UND_ERR_DESTROYED: STOPPED,
  UND_ERR_CLOSED: STOPPED,

  ENOTFOUND: NAME_NOT_FOUND,
  ENODATA: NAME_NOT_FOUND,
  EAI_AGAIN: NAME_SERVICE_AWAY,
  EAI_FAIL: NAME_SERVICE_AWAY,
  ESERVFAIL: NAME_SERVICE_AWAY,
  ETIMEOUT: NAME_SERVICE_AWAY,

  ECONNREFUSED: { code: "connection_refused", reason: "The connection was refused: nothing listens at this address and port." },
  UND_ERR_CONNECT_TIMEOUT: NO_CONNECTION_IN_TIME,
  ENETUNREACH: UNREACHABLE,
  EHOSTUNREACH: UNREACHABLE,
  ENETDOWN: UNREACHABLE,
  EHOSTDOWN: UNREACHABLE,
  EADDRNOTAVAIL: UNREACHABLE,
  EACCES: { code: "network_unreachable", reason: "This machine does not permit the connection." },
  EPERM: { code: "network_unreachable", reason: "This machine does not permit the connection." },

  ECONNRESET: CONNECTION_CLOSED,
  ECONNABORTED: CONNECTION_CLOSED,
  EPIPE: CONNECTION_CLOSED,
  ERR_SOCKET_CLOSED: CONNECTION_CLOSED,
  ERR_SOCKET_CLOSED_BEFORE_CONNECTION: CONNECTION_CLOSED,
  ERR_STREAM_PREMATURE_CLOSE: CONNECTION_CLOSED,
  UND_ERR_SOCKET: CONNECTION_CLOSED,

  UND_ERR_HEADERS_TIMEOUT: NO_ANSWER_IN_TIME,
  UND_ERR_BODY_TIMEOUT: NO_ANSWER_IN_TIME,
  UND_ERR_HEADERS_OVERFLOW: HEAD_TOO_LARGE,
  HPE_HEADER_OVERFLOW: HEAD_TOO_LARGE,
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: NOT_HTTP,

  CERT_HAS_EXPIRED: tls("The certificate has expired."),
  CERT_NOT_YET_VALID: tls("The certificate is not valid yet."),
  CERT_REVOKED: tls("The certificate has been revoked."),
  DEPTH_ZERO_SELF_SIGNED_CERT: SELF_SIGNED,
  SELF_SIGNED_CERT_IN_CHAIN: SELF_SIGNED,
  CERT_UNTRUSTED: SELF_SIGNED,
  UNABLE_TO_GET_ISSUER_CERT: CHAIN_INCOMPLETE,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: CHAIN_INCOMPLETE,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: CHAIN_INCOMPLETE,
  ERR_TLS_CERT_ALTNAME_INVALID: tls("The certificate is for another host name."),
  HOSTNAME_MISMATCH: tls("The certificate is for another host name."),
  ERR_SSL_WRONG_VERSION_NUMBER: NOT_TLS,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: NOT_TLS,
  ERR_SSL_HTTP_REQUEST: NOT_TLS,
  ERR_SSL_UNSUPPORTED_PROTOCOL: NO_COMMON_TLS,
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: NO_COMMON_TLS,
  ERR_SSL_NO_PROTOCOLS_AVAILABLE: NO_COMMON_TLS,
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: NO_COMMON_TLS,
  ERR_SSL_SSL_TLSV1_ALERT_HANDSHAKE_FAILURE: NO_COMMON_TLS,
};

/** Errors of undici that tell of a mistake in how it was called: ours, not the world's. */
const MISTAKES: ReadonlySet<string> = new Set([
  "UND_ERR_INVALID_ARG",
  "UND_ERR_INVALID_RETURN_VALUE",
  "UND_ERR_NOT_SUPPORTED",
  "UND_ERR_REQ_CONTENT_LENGTH_MISMATCH",
]);

/** The rest of what a certificate may fail for, as OpenSSL names it. */
const CERTIFICATE_ERROR = /^(?:CERT_|CRL_|UNABLE_TO_|ERROR_IN_|INVALID_CA$|INVALID_PURPOSE$|PATH_LENGTH_EXCEEDED$)/;

/** The fault that an error stands for; null when it is no fault of the world but a bug. Pure. Its reason holds no address. */
export function faultOfError(error: unknown): Fault | null {
  if (!(error instanceof Error)) return null;
  // The parser's errors have no code where llhttp's number for it has no name.
  if (error.name === "HTTPParserError" && !("code" in error && error.code === "HPE_HEADER_OVERFLOW")) return NOT_HTTP;
  const code = "code" in error && typeof error.code === "string" ? error.code : null;
  if (code === null) return null;
  // A socket's errors differ by their message alone: "bad response", "bad upgrade"; "other side closed", "closed".
  if (code === "UND_ERR_SOCKET" && error.message.startsWith("bad ")) return NOT_HTTP;
  if (code === "ETIMEDOUT") return "syscall" in error && error.syscall !== "connect" ? NO_ANSWER_IN_TIME : NO_CONNECTION_IN_TIME;
  const known = Object.hasOwn(FAULTS, code) ? FAULTS[code] : undefined;
  if (known !== undefined) return known;
  if (code.startsWith("EAI_")) return NAME_NOT_FOUND;
  if (CERTIFICATE_ERROR.test(code)) return tls(`The certificate was not accepted (${code}).`);
  if (code.startsWith("ERR_SSL_") || code === "EPROTO") return tls(`TLS failed (${code}).`);
  const ofTheWorld = "syscall" in error || (code.startsWith("UND_ERR_") && !MISTAKES.has(code));
  return ofTheWorld ? { code: "unknown_fault", reason: `The attempt failed (${code}).` } : null;
}
