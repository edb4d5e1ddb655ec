import { apiError } from "@carabiner/protocol";

/**
 * An intent in the form that is shown. Throws `client_secret_wrong` when the call names a secret other than the
 * intent's.
 */
export function withSecret<Intent extends { client_secret: string | null }>(
  intent: Intent,
  { client_secret }: { client_secret?: string },
  name: "PaymentIntent" | "SetupIntent",
): Intent {
  if (client_secret !== undefined && client_secret !== intent.client_secret)
    throw apiError("client_secret_wrong", { object: name, param: "client_secret" });
  return intent;
}
