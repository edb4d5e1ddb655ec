import type { FaultCode } from "./transport.ts";

/** Why no answer came: as a code, and in plain words. */
export interface TransportFault {
  code: FaultCode;
  reason: string;
  /** Something that the operator should see, but the tenant must not. */
  cause?: unknown;
}

/** The error code for an address that a connector refuses. */
export const ADDRESS_BLOCKED = "CARABINER_ADDRESS_BLOCKED";

/** The error code for a name that does not exist. */
export const NAME_NOT_FOUND = "CARABINER_NAME_NOT_FOUND";

/** The error code for a name that could not be looked up. */
export const NAME_SERVICE_AWAY = "CARABINER_NAME_SERVICE_AWAY";

/** The error code for a connection that was not made in time. */
export const CONNECT_TIMED_OUT = "CARABINER_CONNECT_TIMED_OUT";

/** The error code for an egress proxy that cannot connect or be reached. */
export const PROXY_FAILED = "CARABINER_PROXY_FAILED";

/** The error code for an egress proxy that does not allow a connection. */
export const PROXY_REFUSED = "CARABINER_PROXY_REFUSED";

/** A destination that the rules do not allow. Naming the rule would reveal the structure of the network. */
export const DESTINATION_NOT_ALLOWED: TransportFault = { code: "address_blocked", reason: "Destination not allowed." };
/** The result of a closed transport. */
export const STOPPED: TransportFault = { code: "interrupted", reason: "This server was stopped while the attempt was under way." };
const UNREACHABLE: TransportFault = { code: "network_unreachable", reason: "The endpoint's network cannot be reached from here." };
/** A connection that ended without an answer. */
export const CONNECTION_CLOSED: TransportFault = {
  code: "connection_reset",
  reason: "The endpoint closed the connection before it had answered.",
};
/** An invalid answer. */
export const NOT_HTTP: TransportFault = { code: "invalid_response", reason: "What the endpoint answered is not valid HTTP/1.1." };
/** Only interim answers. */
export const INTERIM_WITHOUT_END: TransportFault = {
  code: "invalid_response",
  reason: "The endpoint sent interim answers (1xx) without end.",
};
/** An unrequested change of protocols. */
export const UNASKED_UPGRADE: TransportFault = {
  code: "invalid_response",
  reason: "The endpoint answered 101 Switching Protocols, which was not asked for.",
};
/** A head larger than `responseHeaderBytes`. */
export const HEAD_TOO_LARGE: TransportFault = { code: "headers_too_large", reason: "The headers of the endpoint's answer are too large." };
const NO_CONNECTION_IN_TIME: TransportFault = { code: "connect_timeout", reason: "The connection could not be made in time." };
const THROUGH_NO_PROXY: TransportFault = {
  code: "proxy_failure",
  reason: "This server's egress proxy made no connection to the endpoint.",
};
const NO_ANSWER_IN_TIME: TransportFault = { code: "timeout", reason: "The endpoint did not answer in time." };

const tls = (reason: string): TransportFault => ({ code: "tls_failure", reason });
const SELF_SIGNED = tls("The certificate is self-signed, or signed by an authority that is not trusted.");
const CHAIN_INCOMPLETE = tls(
  "The certificate's issuer is not known: the endpoint must send its intermediate certificates, and their authority must be trusted.",
);
const NOT_TLS = tls("The endpoint did not speak TLS. Is it an http address?");
const NO_COMMON_TLS = tls("The endpoint and this server have no version or cipher of TLS in common; TLS 1.2 is the oldest accepted.");
/** Before TLS 1.3, servers answer a missing client certificate with the same alert as a missing cipher. */
const HANDSHAKE_REFUSED = tls(
  "The endpoint refused the TLS handshake: it has no cipher in common with this server, of which TLS 1.2 is the oldest version, or asks for a client certificate, which this server does not have.",
);
const TOO_WEAK = tls(
  "The certificate, or that of an authority, has a key or a signature that is too weak. RSA needs 2048 bits or more, signatures SHA-256.",
);
const NO_CLIENT_CERTIFICATE = tls("The endpoint asks for a client certificate. This server has none to show.");

/**
 * The codes of errors, and the fault that each stands for.
 * Sources: https://nodejs.org/api/errors.html#common-system-errors,
 * https://nodejs.org/api/tls.html#x509-certificate-error-codes
 */
const FAULTS: Readonly<Record<string, TransportFault>> = {
  [ADDRESS_BLOCKED]: DESTINATION_NOT_ALLOWED,
  [NAME_NOT_FOUND]: { code: "dns_failure", reason: "The host name was not found." },
  [NAME_SERVICE_AWAY]: { code: "dns_failure", reason: "The host name could not be looked up: the name service gave no answer." },
  [CONNECT_TIMED_OUT]: NO_CONNECTION_IN_TIME,

  ECONNREFUSED: { code: "connection_refused", reason: "The connection was refused: nothing listens at this address and port." },
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
  ERR_SSL_TLSV1_ALERT_INSUFFICIENT_SECURITY: NO_COMMON_TLS,
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: HANDSHAKE_REFUSED,
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: NO_CLIENT_CERTIFICATE,
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: NO_CLIENT_CERTIFICATE,
  ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL: tls("The endpoint does not offer HTTP/1.1."),
  ERR_SSL_TLSV1_UNRECOGNIZED_NAME: tls("The endpoint does not know this host name."),
};

/** How OpenSSL begins the names of SSL 3's alerts since version 3.2, as Node.js spells them; before, it was `SSLV3`. */
const ALERT_SINCE_OPENSSL_3_2 = /^ERR_SSL_SSL\/TLS_/;

/** The code of a certificate's failure for which Node.js has no name. The message is OpenSSL's. */
const UNNAMED_CERTIFICATE_ERROR = "UNSPECIFIED";

/** The characters that OpenSSL's messages consist of. */
const PLAIN_WORDS = /^[A-Za-z][A-Za-z ,'/-]*$/;

/** Other reasons why a certificate is refused, by OpenSSL's names. */
const CERTIFICATE_ERROR = /^(?:CERT_|CRL_|UNABLE_TO_|ERROR_IN_|INVALID_CA$|INVALID_PURPOSE$|PATH_LENGTH_EXCEEDED$)/;

/**
 * The fault that an attempt's error means. An unforeseen error is an `unknown_fault`, whose cause goes to the log.
 * Pure. No reason contains an address.
 */
export function faultOfError(error: unknown): TransportFault {
  const given = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : null;
  const code = given === null ? null : given.replace(ALERT_SINCE_OPENSSL_3_2, "ERR_SSL_SSLV3_");
  if (code === null || !(error instanceof Error)) return { code: "unknown_fault", reason: "The attempt failed.", cause: error };
  if (code === PROXY_REFUSED) return { ...DESTINATION_NOT_ALLOWED, cause: error };
  if (code === PROXY_FAILED) return { ...THROUGH_NO_PROXY, cause: error };
  if (code === "ETIMEDOUT") return "syscall" in error && error.syscall !== "connect" ? NO_ANSWER_IN_TIME : NO_CONNECTION_IN_TIME;
  const known = Object.hasOwn(FAULTS, code) ? FAULTS[code] : undefined;
  if (known !== undefined) return known;
  if (code === UNNAMED_CERTIFICATE_ERROR) return unnamedCertificateError(error.message);
  if (CERTIFICATE_ERROR.test(code)) return tls(`The certificate was not accepted (${code}).`);
  if (code.startsWith("ERR_SSL_") || code === "EPROTO") return tls(`TLS failed (${code}).`);
  return { code: "unknown_fault", reason: `The attempt failed (${code}).`, cause: error };
}

function unnamedCertificateError(message: string): TransportFault {
  if (message.endsWith(" too weak")) return TOO_WEAK;
  return tls(`The certificate was not accepted${PLAIN_WORDS.test(message) ? ` (${message})` : ""}.`);
}
