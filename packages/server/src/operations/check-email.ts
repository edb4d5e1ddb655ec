import { apiError } from "@carabiner/protocol";

/**
 * Throws `email_invalid` for text that cannot be an email address. `param` names the parameter; null and undefined
 * pass.
 */
export function checkEmail(value: string | null | undefined, param: string): void {
  if (typeof value === "string" && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value)) throw apiError("email_invalid", { value, param });
}
