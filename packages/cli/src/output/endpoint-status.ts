import { printable } from "./printable.ts";
import type { Colours } from "./terminal.ts";

/** An endpoint's status, in its colour. */
export function formatStatus(status: "enabled" | "disabled", colours: Colours): string {
  return status === "enabled" ? colours.green(status) : colours.red(printable(status));
}
