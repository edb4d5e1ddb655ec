import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

/** A certificate for a test's server, with its key, both in PEM. */
export interface TestCertificate {
  cert: string;
  key: string;
}

export interface TestCertificateOptions {
  /** The names and IPv4 addresses that it is for. */
  hosts: readonly string[];
  /** When it becomes valid and when it expires, in years from now. */
  years?: readonly [from: number, to: number];
  /** Of an RSA key, instead of one of P-256. */
  rsaBits?: number;
}

/**
 * Makes a self-signed certificate (X.509 v3), so that no key has to be stored with the tests. Source:
 * https://www.rfc-editor.org/rfc/rfc5280#section-4.1
 */
export function createTestCertificate({ hosts, years = [-1, 1], rsaBits }: TestCertificateOptions): TestCertificate {
  const { privateKey, publicKey } =
    rsaBits === undefined ? generateKeyPairSync("ec", { namedCurve: "P-256" }) : generateKeyPairSync("rsa", { modulusLength: rsaBits });
  const now = new Date().getUTCFullYear();
  const name = sequence(set(sequence(oid("2.5.4.3"), utf8("Carabiner test"))));
  const algorithm = rsaBits === undefined ? sequence(oid("1.2.840.10045.4.3.2")) : sequence(oid("1.2.840.113549.1.1.11"), tagged(0x05));
  const tbs = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    name,
    sequence(time(now + years[0]), time(now + years[1])),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    tagged(0xa3, sequence(sequence(oid("2.5.29.17"), octets(sequence(...hosts.map(host)))))),
  );
  return {
    cert: pem(sequence(tbs, algorithm, bits(signed(tbs, privateKey)))),
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

const signed = (data: Buffer, key: KeyObject): Buffer => sign("sha256", data, key);
const pem = (der: Buffer): string =>
  `-----BEGIN CERTIFICATE-----\n${der.toString("base64").replace(/.{1,64}/g, "$&\n")}-----END CERTIFICATE-----\n`;

/** One DER value: tag, length, content. */
function tagged(tag: number, ...content: Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const length = body.length < 128 ? [body.length] : body.length < 256 ? [0x81, body.length] : [0x82, body.length >> 8, body.length & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

const sequence = (...content: Buffer[]): Buffer => tagged(0x30, ...content);
const set = (...content: Buffer[]): Buffer => tagged(0x31, ...content);
const integer = (bytes: Buffer): Buffer => tagged(0x02, bytes);
const octets = (bytes: Buffer): Buffer => tagged(0x04, bytes);
const bits = (bytes: Buffer): Buffer => tagged(0x03, Buffer.from([0]), bytes);
const utf8 = (text: string): Buffer => tagged(0x0c, Buffer.from(text));
const time = (year: number): Buffer => tagged(0x18, Buffer.from(`${year}0101000000Z`));

/** A name or an IPv4 address, as a subject's alternative name. */
function host(text: string): Buffer {
  return /^[\d.]+$/.test(text) ? tagged(0x87, Buffer.from(text.split(".").map(Number))) : tagged(0x82, Buffer.from(text));
}

function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split(".").map(Number);
  const bytes = [first * 40 + second];
  for (const part of rest) {
    const groups = [part & 127];
    for (let left = part >> 7; left > 0; left >>= 7) groups.unshift((left & 127) | 128);
    bytes.push(...groups);
  }
  return tagged(0x06, Buffer.from(bytes));
}
