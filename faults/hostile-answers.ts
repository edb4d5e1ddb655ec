import { gzipSync } from "node:zlib";
import type { HostileAnswer } from "./hostile-receiver.ts";

/** An answer that no receiver should give, and how its attempt may end. */
export interface HostileCase {
  name: string;
  answer: HostileAnswer;
  /** The correct outcomes. */
  outcomes: readonly string[];
}

const bytes = (text: string, after: "end" | "keep" | "reset" = "end"): HostileAnswer => ({ kind: "bytes", bytes: text, after });
const OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
const INVALID = ["invalid_response"];
/** The receiver ended in the middle: either outcome is correct. */
const BROKEN_OFF = ["invalid_response", "connection_reset"];
const DONE = ["succeeded"];
const MEBIBYTE = 1_048_576;
/** Compressed, a thousandth of it. */
const BOMB = gzipSync(Buffer.alloc(64 * MEBIBYTE)).toString("latin1");

/** Answers that are giant, malformed or misleading. */
export const HOSTILE_ANSWERS: readonly HostileCase[] = [
  ...["000", "001", "099", "1000", "-20", "2x0", " 200"].map((status) => ({
    name: `status ${status}`,
    answer: bytes(`HTTP/1.1 ${status} X\r\ncontent-length: 0\r\n\r\n`),
    outcomes: INVALID,
  })),
  { name: "101 without an upgrade", answer: bytes("HTTP/1.1 101 Switching Protocols\r\n\r\n", "keep"), outcomes: INVALID },
  {
    name: "101 to a WebSocket",
    answer: bytes("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n\x81\x05hello", "keep"),
    outcomes: INVALID,
  },
  { name: "100 before a good answer", answer: bytes(`HTTP/1.1 100 Continue\r\n\r\n${OK}`, "keep"), outcomes: DONE },
  { name: "103 before a good answer", answer: bytes(`HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n${OK}`, "keep"), outcomes: DONE },
  {
    name: "interim answers without end",
    answer: { kind: "flood", begin: "", again: "HTTP/1.1 102 Processing\r\n\r\n".repeat(64) },
    outcomes: INVALID,
  },
  { name: "no HTTP at all", answer: bytes("SSH-2.0-OpenSSH_9.9\r\n"), outcomes: INVALID },
  { name: "HTTP/0.9", answer: bytes("ok"), outcomes: BROKEN_OFF },
  { name: "HTTP/2", answer: bytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), outcomes: INVALID },
  { name: "HTTP/3.7", answer: bytes("HTTP/3.7 200 OK\r\ncontent-length: 0\r\n\r\n"), outcomes: INVALID },
  { name: "zeros", answer: bytes("\0".repeat(4_096)), outcomes: INVALID },
  {
    name: "zeros without end",
    answer: { kind: "flood", begin: "", again: "\0".repeat(65_536) },
    outcomes: [...INVALID, "headers_too_large"],
  },
  { name: "a NUL in a header", answer: bytes("HTTP/1.1 200 OK\r\nx-a: b\0c\r\ncontent-length: 0\r\n\r\n"), outcomes: INVALID },
  {
    name: "two lengths that differ",
    answer: bytes("HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nokk"),
    outcomes: INVALID,
  },
  {
    name: "a length and chunks",
    answer: bytes("HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"),
    outcomes: INVALID,
  },
  { name: "a length that is not a number", answer: bytes("HTTP/1.1 200 OK\r\ncontent-length: two\r\n\r\nok"), outcomes: INVALID },
  { name: "a length that is too long", answer: bytes("HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nok"), outcomes: DONE },
  {
    name: "a length that is too short",
    answer: bytes("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nokokokok", "keep"),
    outcomes: [...DONE, ...INVALID],
  },
  {
    name: "a chunk of no size",
    answer: bytes("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nok\r\n0\r\n\r\n"),
    outcomes: [...DONE, ...INVALID],
  },
  {
    name: "a chunk larger than any",
    answer: bytes("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\nok"),
    outcomes: [...DONE, ...INVALID],
  },
  { name: "half a head", answer: bytes("HTTP/1.1 200 OK\r\ncontent-le"), outcomes: BROKEN_OFF },
  { name: "half a head, then a reset", answer: bytes("HTTP/1.1 200 OK\r\ncontent-le", "reset"), outcomes: BROKEN_OFF },
  { name: "nothing, then the end", answer: bytes(""), outcomes: ["connection_reset"] },
  {
    name: "a header of a megabyte",
    answer: bytes(`HTTP/1.1 200 OK\r\nx-a: ${"a".repeat(MEBIBYTE)}\r\ncontent-length: 0\r\n\r\n`),
    outcomes: ["headers_too_large"],
  },
  {
    name: "headers without end",
    answer: { kind: "flood", begin: "HTTP/1.1 200 OK\r\n", again: "x-a: b\r\n".repeat(1_024) },
    outcomes: ["headers_too_large"],
  },
  {
    name: "a body of ten gigabytes",
    answer: { kind: "flood", begin: "HTTP/1.1 200 OK\r\ncontent-length: 10000000000\r\n\r\n", again: "a".repeat(65_536) },
    outcomes: DONE,
  },
  {
    name: "chunks without end",
    answer: { kind: "flood", begin: "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", again: `4000\r\n${"a".repeat(16_384)}\r\n` },
    outcomes: DONE,
  },
  {
    name: "chunks of one byte without end",
    answer: { kind: "flood", begin: "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", again: "1\r\na\r\n".repeat(4_096) },
    outcomes: DONE,
  },
  {
    name: "trailers without end",
    answer: { kind: "flood", begin: "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n", again: "x-a: b\r\n".repeat(1_024) },
    outcomes: [...DONE, "headers_too_large"],
  },
  {
    name: "a bomb of gzip",
    answer: bytes(`HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${BOMB.length}\r\n\r\n${BOMB}`),
    outcomes: DONE,
  },
  {
    name: "a page with a script",
    answer: bytes(
      "HTTP/1.1 500 No\r\ncontent-type: text/html\r\ncontent-length: 42\r\n\r\n<script>alert(document.cookie)</script>\0\xff\xfe",
    ),
    outcomes: ["status"],
  },
  {
    name: "an answer too many",
    answer: bytes(`${OK}HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n`.repeat(3), "keep"),
    outcomes: [...DONE, ...INVALID],
  },
];

/**
 * Answers that redirect: to `canary`, to a cloud machine's credentials, back to their own address, and to nowhere.
 */
export function redirects(canary: string, self: string): HostileCase[] {
  const targets = [canary, "http://169.254.169.254/latest/meta-data/", self, "file:///etc/passwd", "//127.0.0.1/", "\x00"];
  return [301, 302, 303, 307, 308].flatMap((status) =>
    targets.map((target) => ({
      name: `${status} to ${JSON.stringify(target)}`,
      answer: bytes(`HTTP/1.1 ${status} Elsewhere\r\nlocation: ${target}\r\ncontent-length: 0\r\n\r\n`),
      outcomes: target === "\x00" ? INVALID : ["redirect"],
    })),
  );
}
