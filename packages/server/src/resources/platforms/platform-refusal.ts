import { type ApiError, apiError } from "@carabiner/protocol";
import { type PlatformAsked, platformFault } from "./check-platform.ts";

/** Why platform options are invalid, as an API error; null when they are valid. */
export function platformRefusal(asked: PlatformAsked): ApiError | null {
  const fault = platformFault(asked);
  if (fault === null) return null;
  const value = asked[fault.option] ?? "";
  switch (fault.option) {
    case "name":
      return apiError("parameter_invalid_string_blank", { param: "name" });
    case "country":
      return apiError("country_unsupported", { value, param: "country" });
    case "defaultMcc":
      return apiError("mcc_invalid", { value, param: "default_mcc" });
    case "apiVersion":
      return apiError("api_version_invalid", { version: value, param: "api_version" });
  }
}
