import type { CarabinerOptions, InspectedCertificate } from "@carabiner/server";
import { type Finding, fine } from "./finding.ts";

const DAY_MS = 86_400_000;
/**
 * A certificate that ends sooner than this should have been renewed: Let's Encrypt certificates are renewed 30 days
 * before they end.
 */
const SOON_MS = 21 * DAY_MS;

/**
 * Checks the files that a server would use for TLS, at a time in Unix milliseconds. Returns nothing when there are no
 * such files.
 */
export async function checkCertificate({ tls, publicUrl }: Pick<CarabinerOptions, "tls" | "publicUrl">, now: number): Promise<Finding[]> {
  if (tls === undefined) return [];
  const { inspectCertificate } = await import("@carabiner/server");
  try {
    return certificateFindings(inspectCertificate(tls), { now, publicUrl });
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "UnusableCertificate") throw error;
    return [{ check: "certificate", status: "failed", found: error.message, advice: "Look at --tls-cert and --tls-key." }];
  }
}

/** The finding about the times and the names of a certificate. */
export function certificateFindings(
  { validFrom, validTo, isFor }: InspectedCertificate,
  { now, publicUrl }: { now: number; publicUrl: string | undefined },
): Finding[] {
  const at = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
  const days = Math.floor((validTo - now) / DAY_MS);
  const advice = "Renew it. A running server picks up the new files automatically.";
  const time: Finding =
    validFrom > now
      ? {
          check: "certificate",
          status: "failed",
          found: `it is valid from ${at(validFrom)} on`,
          advice: "Look at the clock of this machine.",
        }
      : validTo <= now
        ? { check: "certificate", status: "failed", found: `it ended on ${at(validTo)}`, advice }
        : validTo - now < SOON_MS
          ? {
              check: "certificate",
              status: "warning",
              found: `it ends on ${at(validTo)}, in ${days} ${days === 1 ? "day" : "days"}`,
              advice,
            }
          : fine("certificate", `its key fits, and it is valid until ${at(validTo)}`);
  const host = publicUrl === undefined ? null : (URL.parse(publicUrl)?.hostname.replace(/^\[|\]$/g, "") ?? null);
  if (host === null || isFor(host)) return [time];
  return [
    time,
    {
      check: "certificate",
      status: "warning",
      found: `it is not for ${host}, the host of --public-url`,
      advice: "Name the certificate of that host.",
    },
  ];
}
