import { Option } from "commander";

/** `--api-version` of a platform: its default. The server judges it. */
export function apiVersionOption(): Option {
  return new Option(
    "--api-version <version>",
    "the platform's default API version, such as 2026-10-28.endive: that of answers and events where nothing names another; otherwise the latest",
  );
}
