import type { RefusalReason } from "../report.ts";
import { looksLikeCliSecret } from "./check-secret.ts";
import type { SignatureHeader } from "./signature-header.ts";
import type { SigningEndpoint } from "./signing-endpoint.ts";
import { isSignedWith } from "./signing-keys.ts";

interface Diagnosis {
  reason: RefusalReason;
  says: string;
}

/** Larger bodies are not transformed to find out what happened to them. */
const DIAGNOSED_BYTES = 262_144;

/**
 * Why no secret matches, as far as that can be determined. The result goes only to the log: the body that it reads is
 * unverified, and nothing may depend on it.
 */
export async function diagnose(header: SignatureHeader, body: Uint8Array, endpoints: readonly SigningEndpoint[]): Promise<Diagnosis> {
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(body.subarray(0, DIAGNOSED_BYTES));
  const whole = body.length <= DIAGNOSED_BYTES;
  const json = whole ? parsed(text) : undefined;

  for (const [change, restored] of whole ? variants(text, json) : []) {
    const bytes = new TextEncoder().encode(restored);
    for (const { secrets } of endpoints) {
      for (const secret of secrets) {
        if (await isSignedWith(secret, header, bytes)) {
          return {
            reason: "body_reserialized",
            says: `The secret is right, but the body was changed on the way: ${change}. Pass the receiver the raw bytes, before any parser, logger or proxy touches them.`,
          };
        }
      }
    }
  }
  return { reason: "signature_mismatch", says: mismatch(json, endpoints) };
}

/** What middleware is known to do to a body, and how to reverse it. */
function* variants(text: string, json: unknown): Generator<[change: string, restored: string]> {
  if (text.startsWith("\uFEFF")) yield ["a byte order mark was put in front of it", text.slice(1)];
  if (text.endsWith("\n")) yield ["a line feed was added to it", text.replace(/\r?\n$/, "")];
  else yield ["its last line feed was cut off", `${text}\n`];
  if (text.includes("\r\n")) yield ["its line feeds were turned into carriage returns with line feeds", text.replaceAll("\r\n", "\n")];
  if (json !== undefined) {
    const pretty = JSON.stringify(json, null, 2);
    if (pretty !== text) yield ["it was parsed and serialized again", pretty];
    const compact = JSON.stringify(json);
    if (compact !== text) yield ["it was parsed and serialized again, with other white space", compact];
  }
}

function mismatch(json: unknown, endpoints: readonly SigningEndpoint[]): string {
  const secrets = endpoints.flatMap((endpoint) => endpoint.secrets);
  const hints: string[] = [];
  const account = (json as { account?: unknown } | null | undefined)?.account;
  if (typeof account === "string" && !endpoints.some(({ connect }) => connect)) {
    hints.push(
      "The body names a connected account, but no endpoint here is a Connect endpoint, which has its own secret. Add it with connect: true.",
    );
  }
  if (json !== undefined && typeof account !== "string" && endpoints.every(({ connect }) => connect)) {
    hints.push(
      "The body names no connected account, but every endpoint here is a Connect endpoint. Add the account's own endpoint with its secret.",
    );
  }
  if (secrets.some(looksLikeCliSecret)) {
    hints.push(
      "One secret has the form that `stripe listen` prints. Deliveries to an endpoint from the dashboard or the API are signed with that endpoint's own secret.",
    );
  }
  if (!secrets.every(looksLikeCliSecret)) {
    hints.push("If `stripe listen` forwards this, use the secret that it prints (`stripe listen --print-secret`), not the dashboard's.");
  }
  if (json === undefined) hints.push("The body is not JSON: something changed it on the way, or it does not come from the sender.");
  const tried = endpoints.map(({ name, secrets: { length } }) => `${name} (${length})`).join(", ");
  return `No secret matches. Tried the secrets of ${tried}. ${hints.join(" ")}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text.startsWith("\uFEFF") ? text.slice(1) : text) as unknown;
  } catch {
    return undefined;
  }
}
