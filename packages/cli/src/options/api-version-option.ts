import { Option } from "commander";

/** `--api-version`: a platform's default version. The server validates it. */
export function apiVersionOption(): Option {
  return new Option(
    "--api-version <version>",
    "the platform's default API version, such as 2026-10-28.endive: that of answers and events where nothing names another; otherwise the latest",
  );
}
