import { createHmac } from "node:crypto";
import type { EndpointSecret, JsonObject } from "../store/contract/rows.ts";

/** How many characters of a secret's end its hint shows. */
const HINT_CHARS = 4;

/**
 * How an attempt was signed: the time, the string that was signed, and which of the endpoint's secrets made each
 * signature, if the secret is still stored. Null for an attempt without a signature. Pure. Source:
 * https://docs.stripe.com/webhooks#verify-manually
 */
export function explainedSignature(
  headers: Readonly<Record<string, string>>,
  body: Uint8Array,
  secrets: readonly EndpointSecret[],
): JsonObject | null {
  const header = Object.entries(headers).find(([name]) => name.toLowerCase() === "stripe-signature")?.[1];
  const parts = (header ?? "").split(",").map((part) => part.split("=", 2) as [string, string | undefined]);
  const timestamp = parts.find(([name]) => name === "t")?.[1];
  if (header === undefined || timestamp === undefined) return null;
  const made = secrets.map(({ secret, expiresAt }) => ({
    value: createHmac("sha256", secret).update(`${timestamp}.`).update(body).digest("hex"),
    secret: hintOf(secret),
    current: expiresAt === null,
  }));
  return {
    header,
    timestamp: Number(timestamp),
    signed: `${timestamp}.{body}`,
    signatures: parts
      .filter(([name]) => name === "v1")
      .map(([, value = ""]) => {
        const by = made.find((each) => each.value === value);
        return { scheme: "v1", value, secret: by?.secret ?? null, current: by?.current ?? null };
      }),
  };
}

/** A signing secret in the form that may be shown: its prefix and its end. */
function hintOf(secret: string): string {
  return `${/^[a-z]+_/.exec(secret)?.[0] ?? ""}****${secret.slice(-HINT_CHARS)}`;
}
