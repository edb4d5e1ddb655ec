/** Why a request got no answer: an error of Node.js. */
interface Failure {
  code?: string | undefined;
  message?: string | undefined;
}

/** The code for certificates that OpenSSL does not accept for a reason that Node.js has no name for. */
const UNNAMED = "UNSPECIFIED";

/**
 * Codes of Node.js for a certificate that it does not accept, with those of its chain
 * (https://nodejs.org/api/tls.html, "X509 certificate error codes"), and for one of another host.
 */
const REFUSED =
  /^(?:CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_SELF_SIGNED_CERT$|SELF_SIGNED_CERT_IN_CHAIN$|ERR_TLS_CERT_ALTNAME_INVALID$|HOSTNAME_MISMATCH$|INVALID_CA$|INVALID_PURPOSE$|PATH_LENGTH_EXCEEDED$|UNSPECIFIED$)/;

/** Codes for an answer that is not TLS. */
const NOT_TLS: ReadonlySet<string> = new Set(["ERR_SSL_WRONG_VERSION_NUMBER", "ERR_SSL_PACKET_LENGTH_TOO_LONG", "ERR_SSL_HTTP_REQUEST"]);

/** Whether a server answered, and its certificate was not accepted. */
export function isCertificateRefused({ code }: Failure): boolean {
  return code !== undefined && REFUSED.test(code);
}

/** What to do about a request that failed so, if it failed at TLS; else null. */
export function certificateAdvice(failure: Failure): string | null {
  if (isCertificateRefused(failure))
    return "The server's certificate was not accepted. Use the name that it is for; if its authority is your own, name its file in NODE_EXTRA_CA_CERTS.";
  if (NOT_TLS.has(failure.code ?? "")) return "What answers there does not speak TLS: does its address begin with http://?";
  return null;
}

/** The shortest text that says why: the code, or the message where the code says nothing. */
export function reasonOf({ code, message }: Failure): string | undefined {
  return code === UNNAMED ? message : code || message;
}
