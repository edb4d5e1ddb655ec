import { readdirSync } from "node:fs";

/** How many files and sockets a process has open, according to Linux. */
export function openDescriptors(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}
