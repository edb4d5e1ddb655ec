import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { isIP } from "node:net";
import { createSecureContext } from "node:tls";
import { fileFault } from "../file-fault.ts";
import type { Log } from "./request-log.ts";

/** The files of a certificate, both PEM. */
export interface CertificateFiles {
  /** The server's certificate, followed by the chain to its authority. */
  certFile: string;
  /** Its private key, without a passphrase. */
  keyFile: string;
}

/** What a server needs to speak TLS. */
export interface Certificate {
  cert: string;
  key: string;
}

/** A certificate or key that cannot be used. The message names the file. */
class UnusableCertificate extends Error {
  override readonly name = "UnusableCertificate";
}

/**
 * Reads a certificate and its key. Throws `UnusableCertificate` for files that cannot be read, or do not fit together.
 */
function readCertificate({ certFile, keyFile }: CertificateFiles): Certificate {
  const cert = textOf(certFile, "certificate");
  const key = textOf(keyFile, "key");
  const parsed = attempt(() => new X509Certificate(cert), `${certFile} holds no certificate in PEM form.`);
  const secret = attempt(() => createPrivateKey(key), `${keyFile} holds no private key in PEM form, or one with a passphrase.`);
  if (!parsed.checkPrivateKey(secret)) throw new UnusableCertificate(`The key in ${keyFile} does not fit the certificate in ${certFile}.`);
  attempt(() => createSecureContext({ cert, key }), `${certFile} and ${keyFile} cannot be used for TLS.`);
  return { cert, key };
}

/** What a certificate says of itself. */
export interface InspectedCertificate {
  /** When it becomes valid and when it expires, Unix milliseconds. */
  validFrom: number;
  validTo: number;
  /** Whether it is valid for a name or an address. */
  isFor(host: string): boolean;
}

/**
 * Looks at a certificate and its key as a server would. Throws `UnusableCertificate` for files that it would refuse.
 */
export function inspectCertificate(files: CertificateFiles): InspectedCertificate {
  const found = new X509Certificate(readCertificate(files).cert);
  return {
    validFrom: found.validFromDate.getTime(),
    validTo: found.validToDate.getTime(),
    isFor: (host) => (isIP(host) === 0 ? found.checkHost(host) : found.checkIP(host)) !== undefined,
  };
}

/** The result of reading a certificate again. */
type Reread = "renewed" | "unchanged" | "unusable";

/** A certificate that may be renewed. */
export interface WatchedCertificate {
  /** The one to use; the same object until it changes. */
  current(): Certificate;
  /** Reads the files now, whether or not they look changed. */
  reread(): Reread;
}

/**
 * The certificate of two files, which are read again when they have changed. If the new one cannot be used, the failure
 * is logged and the last one stays. `now` is in milliseconds. The files are checked at most once in `checkedMs`. Throws
 * `UnusableCertificate` if the first certificate cannot be used.
 */
export function watchCertificate(
  files: CertificateFiles,
  { now, log, checkedMs }: { now: () => number; log: Log; checkedMs: number },
): WatchedCertificate {
  let version = versionOf(files);
  let certificate = readCertificate(files);
  let checkedAt = now();

  function reread(): Reread {
    checkedAt = now();
    version = versionOf(files);
    try {
      const found = readCertificate(files);
      if (found.cert === certificate.cert && found.key === certificate.key) return "unchanged";
      certificate = found;
      log.info({ code: "certificate.renewed", file: files.certFile }, "using the new certificate");
      return "renewed";
    } catch (error) {
      if (!(error instanceof UnusableCertificate)) throw error;
      log.error({ code: "certificate.unusable", err: error }, "the new certificate cannot be used; the last one stays in use");
      return "unusable";
    }
  }

  return {
    current() {
      const at = now();
      if (at - checkedAt < checkedMs) return certificate;
      checkedAt = at;
      if (versionOf(files) !== version) reread();
      return certificate;
    },
    reread,
  };
}

function versionOf({ certFile, keyFile }: CertificateFiles): string {
  return [certFile, keyFile]
    .map((file) => {
      const found = statSync(file, { bigint: true, throwIfNoEntry: false });
      return found === undefined ? "" : `${found.ino} ${found.mtimeNs} ${found.size}`;
    })
    .join(" ");
}

function textOf(file: string, what: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UnusableCertificate(`The ${what} ${file} cannot be read: ${fileFault(error)}.`, { cause: error });
  }
}

function attempt<T>(work: () => T, message: string): T {
  try {
    return work();
  } catch (error) {
    throw new UnusableCertificate(message, { cause: error });
  }
}
