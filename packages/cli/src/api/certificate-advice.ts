/**
 * Errors of Node.js for a certificate that it does not accept, with those of its chain
 * (https://nodejs.org/api/tls.html, "X509 certificate error codes"), and for one of another host.
 */
const REFUSED: ReadonlySet<string> = new Set([
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "CERT_UNTRUSTED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

/**
 * What to do about a request that failed with this code, if a server answered and its certificate was not accepted;
 * else null.
 */
export function certificateAdvice(code: string | undefined): string | null {
  if (code === undefined || !REFUSED.has(code)) return null;
  return "The server's certificate was not accepted. Use the name that it is for; if its authority is your own, name its file in NODE_EXTRA_CA_CERTS.";
}
