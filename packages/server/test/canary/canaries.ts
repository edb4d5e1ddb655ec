import { randomBytes } from "node:crypto";

/**
 * A secret, where it was given or shown, and whether a store keeps it: then it is to be found there once nothing is
 * sealed.
 */
export interface Canary {
  place: string;
  secret: string;
  kept: boolean;
}

/** The secrets of one run. Each is random, and in no other place. */
export class Canaries {
  readonly all: Canary[] = [];

  /** A new secret to be given somewhere: letters and digits alone, so that no encoding changes it. */
  plant(place: string, { kept = false } = {}): string {
    const secret = `canary${randomBytes(12).toString("hex")}`;
    this.all.push({ place, secret, kept });
    return secret;
  }

  /** A secret that the server has shown. Throws when it has not. */
  shown(place: string, secret: unknown, { kept = false } = {}): string {
    if (typeof secret !== "string" || secret.length < 16) throw new Error(`no secret was shown: ${place}`);
    this.all.push({ place, secret, kept });
    return secret;
  }

  /** Those that are in any of these, with where. */
  foundIn(contents: ReadonlyMap<string, Uint8Array>): { place: string; where: string }[] {
    return this.all.flatMap(({ place, secret }) =>
      [...contents]
        .filter(([, bytes]) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(secret))
        .map(([where]) => ({ place, where })),
    );
  }
}
