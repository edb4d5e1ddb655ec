import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, openSync, rmSync, statfsSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { fileFault } from "@carabiner/server/file-fault";
import { type Finding, fine } from "./finding.ts";
import { formatBytes } from "./format-bytes.ts";

/** The inputs of a measurement of the disk. */
export interface DiskCheck {
  /** The directory of the data. */
  directory: string;
  /** Unix milliseconds. */
  now(): number;
  /** Milliseconds of a clock that never goes back. */
  monotonic(): number;
}

/** The most syncs that are measured, and how long that may take. */
const SYNCS = 200;
const SYNCS_MS = 250;
/** Each writes one page of the database. */
const PAGE_BYTES = 8_192;
/**
 * Below the first value, commits take so long that a server is slow. Above the second, the syncs cannot have reached a
 * disk.
 */
const SLOW_PER_SECOND = 50;
const TOO_FAST_PER_SECOND = 50_000;
/** A file system's clock may differ by this much, because some record times in whole seconds. */
const CLOCK_MS = 2_000;

const GIB = 1_073_741_824;

/**
 * Measures how many syncs a second the disk does, and compares the time of the file system with the machine's. It
 * writes a temporary file and removes it.
 */
export function checkDisk({ directory, now, monotonic }: DiskCheck): Finding[] {
  const file = join(directory, `doctor.${randomBytes(6).toString("hex")}.part`);
  const page = Buffer.alloc(PAGE_BYTES, 1);
  try {
    const descriptor = openSync(file, "wx", 0o600);
    try {
      const begun = monotonic();
      let syncs = 0;
      let asked: number;
      do {
        asked = now();
        writeSync(descriptor, page, 0, page.length, 0);
        fsyncSync(descriptor);
        syncs++;
      } while (syncs < SYNCS && monotonic() - begun < SYNCS_MS);
      const took = monotonic() - begun;
      const told = statSync(file).mtimeMs;
      // The file system may have recorded the time at any moment in between, and the machine may have stalled
      // meanwhile.
      const aheadMs = told - Math.min(Math.max(told, asked), now());
      return [syncSpeed(syncs, took), fileClock(aheadMs)];
    } finally {
      closeSync(descriptor);
      rmSync(file, { force: true });
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    const advice = "Let the user that runs the server own the folder, on a disk that can be written and has space.";
    return [{ check: "disk sync", status: "failed", found: `Nothing can be written to ${directory}: ${fileFault(error)}.`, advice }];
  }
}

/** The finding about a number of syncs in a number of milliseconds. */
export function syncSpeed(syncs: number, ms: number): Finding {
  const perSecond = Math.round((syncs * 1_000) / Math.max(ms, 0.001));
  const found = `${perSecond.toLocaleString("en-US")} syncs a second`;
  if (perSecond < SLOW_PER_SECOND)
    return {
      check: "disk sync",
      status: "warning",
      found,
      advice: "Each commit waits for a sync. Use a faster disk: SSD, not a network file system.",
    };
  if (perSecond > TOO_FAST_PER_SECOND)
    return {
      check: "disk sync",
      status: "warning",
      found,
      advice: "No disk is so fast, so what is synced may be lost when power fails: is it a file system in memory?",
    };
  return fine("disk sync", found);
}

/**
 * The finding about a file system's clock that is at least this far ahead of the machine's; behind it when negative.
 */
function fileClock(aheadMs: number): Finding {
  const found = `the file system's time differs from this machine's by ${Math.abs(Math.round(aheadMs))} ms`;
  if (Math.abs(aheadMs) <= CLOCK_MS) return fine("clock", found);
  return {
    check: "clock",
    status: "warning",
    found,
    advice: "Synchronize the clocks (NTP). Receivers refuse signatures that are older than 5 minutes.",
  };
}

/** The finding about the kind of network file system that the data is on; null for a disk of this machine. */
export function checkFileSystem(remote: string | null): Finding {
  if (remote === null) return fine("file system", "the data is on a disk of this machine");
  return {
    check: "file system",
    status: "warning",
    found: `the data is on a network file system (${remote})`,
    advice: "Use a disk of this machine, or PostgreSQL: there, syncs may not reach a disk, and two servers may open one file at once.",
  };
}

/** How much space is left on the disk of a directory. */
export function checkSpace(directory: string): Finding {
  const { bavail, bsize, blocks } = statfsSync(directory);
  return spaceLeft(bavail * bsize, blocks * bsize);
}

/** The finding about free bytes out of a total. */
export function spaceLeft(free: number, all: number): Finding {
  const found = `${formatBytes(free)} free of ${formatBytes(all)}`;
  const advice = "Free some space, or move the data to a larger disk: a server that cannot write refuses every change.";
  if (free < GIB / 10) return { check: "space", status: "failed", found, advice };
  return free < GIB ? { check: "space", status: "warning", found, advice } : fine("space", found);
}
