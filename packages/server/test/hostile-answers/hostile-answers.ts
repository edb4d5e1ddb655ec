/** What a receiver does once it has read a request. */
export interface HostileAnswer {
  /** What it sends, piece by piece, each in a separate packet if the network allows it. */
  pieces: readonly Buffer[];
  /** What it does then: keeps the connection open, closes it, or resets it. */
  finally: "stay" | "end" | "reset";
}

/** Answers that once ended, hung or misled the process, or that are most likely to. Each is tried in every run. */
export const NAMED_ANSWERS: Readonly<Record<string, string>> = {
  "status 000": "HTTP/1.1 000 X\r\n\r\n",
  "status 000 with a length": "HTTP/1.1 000 X\r\ncontent-length: 0\r\n\r\n",
  "status 001": "HTTP/1.1 001 X\r\n\r\n",
  "status 099 with a body": "HTTP/1.1 099 X\r\ncontent-length: 2\r\n\r\nok",
  "101 without upgrade": "HTTP/1.1 101 Switching Protocols\r\n\r\n",
  "101 with upgrade": "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n\x81\x02hi",
  "101 after 100": "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 101 Switching Protocols\r\n\r\n",
  "100 and nothing else": "HTTP/1.1 100 Continue\r\n\r\n",
  "100 with a body": "HTTP/1.1 100 Continue\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
  "interim answers without end": "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n".repeat(200),
  "a second answer": "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\nsmuggled",
  "a second answer with status 000": "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 000 X\r\n\r\n",
  "a second answer after chunks":
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\nsmuggled",
  "a body after 204": "HTTP/1.1 204 No Content\r\ncontent-length: 45\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\nsmuggled",
  "chunks after 304": "HTTP/1.1 304 Not Modified\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
  "length and chunks": "HTTP/1.1 200 OK\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
  "two lengths": "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 50\r\n\r\nok",
  "a list of lengths": "HTTP/1.1 200 OK\r\ncontent-length: 2, 2\r\n\r\nok",
  "a length that is not a number": "HTTP/1.1 200 OK\r\ncontent-length: 0x2\r\n\r\nok",
  "a negative length": "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\nok",
  "a length beyond all numbers": `HTTP/1.1 200 OK\r\ncontent-length: ${"9".repeat(400)}\r\n\r\nok`,
  "a chunk beyond all numbers": `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${"f".repeat(400)}\r\nok`,
  "a chunk of no size": "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n\r\nok\r\n0\r\n\r\n",
  "a chunk longer than it says": "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nokok\r\n0\r\n\r\n",
  "an extension without end": `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2;${"e".repeat(100_000)}`,
  "trailers without end": `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n${"x: y\r\n".repeat(20_000)}`,
  "chunked twice": "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
  "chunked, but not last": "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
  "a folded length": "HTTP/1.1 200 OK\r\ncontent-length:\r\n 2\r\n\r\nok",
  "a space before the colon": "HTTP/1.1 200 OK\r\ncontent-length : 2\r\n\r\nok",
  "bare line feeds": "HTTP/1.1 200 OK\ncontent-length: 2\n\nok",
  "bare carriage returns": "HTTP/1.1 200 OK\rcontent-length: 2\r\rok",
  "NUL in a name": "HTTP/1.1 200 OK\r\nx\0y: z\r\n\r\n",
  "NUL in a value": "HTTP/1.1 200 OK\r\nx: y\0z\r\n\r\n",
  "a name that means something to JavaScript":
    "HTTP/1.1 200 OK\r\n__proto__: x\r\nconstructor: y\r\ntoString: z\r\ncontent-length: 2\r\n\r\nok",
  "blanks without end in a value": `HTTP/1.1 200 OK\r\nx: ${" ".repeat(15_000)}y\r\ncontent-length: 2\r\n\r\nok`,
  "a head without end": `HTTP/1.1 200 OK\r\n${"x: y\r\n".repeat(10_000)}`,
  "a line without end": `HTTP/1.1 200 ${"K".repeat(100_000)}`,
  "HTTP/0.9": "hello",
  "HTTP/2": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  TLS: "\x15\x03\x01\x00\x02\x02\x46",
  SSH: "SSH-2.0-OpenSSH_9.2\r\n",
  nothing: "",
  "an empty line first": "\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
  "keep-alive for no time": "HTTP/1.1 200 OK\r\nkeep-alive: timeout=0\r\ncontent-length: 2\r\n\r\nok",
  "keep-alive for ever": "HTTP/1.1 200 OK\r\nkeep-alive: timeout=999999999999\r\ncontent-length: 2\r\n\r\nok",
};

/** A source of whole numbers from 0 up to, not including, a bound. */
export type Below = (bound: number) => number;

const STATUS_LINES = [
  "HTTP/1.1 200 OK",
  "HTTP/1.1 204 No Content",
  "HTTP/1.1 500 Oops",
  "HTTP/1.0 200 OK",
  "HTTP/1.1 304 Not Modified",
  "HTTP/1.1 999 X",
];
const BAD_STATUS_LINES = [
  "HTTP/1.1 000 X",
  "HTTP/1.1 099",
  "HTTP/1.1 1 X",
  "HTTP/1.1 2000 X",
  "HTTP/1.1",
  "HTTP/9.9 200 OK",
  "http/1.1 200 OK",
  "HTTP/1.1 101 X",
  "HTTP/1.1 -12 X",
  "HTTP/1.1 2é0 X",
];
const INTERIM = [
  "HTTP/1.1 100 Continue\r\n\r\n",
  "HTTP/1.1 102 Processing\r\n\r\n",
  "HTTP/1.1 103 Early Hints\r\nlink: </style.css>\r\n\r\n",
  "HTTP/1.1 199 X\r\nx: y\r\n\r\n",
];
const FIELDS = [
  "date: Tue, 03 Nov 2026 10:00:00 GMT",
  "Server: nginx",
  "x: y",
  "set-cookie: a=b",
  "connection: keep-alive",
  "Connection: close",
  "keep-alive: timeout=5",
  "keep-alive: timeout=1",
];
const BAD_FIELDS = [
  "x",
  ": y",
  "x : y",
  " folded",
  "x: \0",
  "content-length: 1",
  "content-length: a",
  "transfer-encoding: chunked",
  "transfer-encoding: x, chunked, y",
  "connection: upgrade",
  "upgrade: h2c",
  "__proto__: x",
  "trailer: x",
];
const MUTATIONS = [removeSome, repeatSome, changeOne, insertOne, cutOff] as const;

/** An answer made up at random: often one that is nearly right. The same numbers make the same answer. */
export function hostileAnswer(below: Below): HostileAnswer {
  const pick = <Item>(items: readonly Item[]): Item => items[below(items.length)] as Item;
  const names = Object.keys(NAMED_ANSWERS);
  let text = below(8) === 0 ? (NAMED_ANSWERS[pick(names)] as string) : madeUp(below, pick);
  if (below(6) === 0) text += madeUp(below, pick);
  let bytes: Buffer = Buffer.from(text, "latin1");
  for (let left = below(4); left > 1; left--) bytes = pick(MUTATIONS)(bytes, below);
  return { pieces: split(bytes, below), finally: pick(["stay", "stay", "end", "reset"] as const) };
}

function madeUp(below: Below, pick: <Item>(items: readonly Item[]) => Item): string {
  let text = "";
  for (let left = below(5) === 0 ? below(5) : 0; left > 0; left--) text += pick(INTERIM);
  text += `${below(8) === 0 ? pick(BAD_STATUS_LINES) : pick(STATUS_LINES)}\r\n`;
  for (let left = below(4); left > 0; left--) text += `${below(8) === 0 ? pick(BAD_FIELDS) : pick(FIELDS)}\r\n`;
  const body = "z".repeat(below(3) === 0 ? below(5_000) : below(30));
  switch (below(3)) {
    case 0:
      return `${text}content-length: ${below(6) === 0 ? below(100) : body.length}\r\n\r\n${body}`;
    case 1:
      return `${text}transfer-encoding: chunked\r\n\r\n${chunked(body, below)}`;
    default:
      return `${text}\r\n${body}`;
  }
}

function chunked(body: string, below: Below): string {
  let text = "";
  for (let at = 0; at < body.length; ) {
    const size = 1 + below(body.length - at);
    text += `${size.toString(16)}${below(4) === 0 ? ";a=b" : ""}\r\n${body.slice(at, at + size)}\r\n`;
    at += size;
  }
  return `${text}0\r\n${below(4) === 0 ? "x-trailer: y\r\n" : ""}\r\n`;
}

function split(bytes: Buffer, below: Below): Buffer[] {
  if (bytes.length === 0) return [];
  const pieces: Buffer[] = [];
  // Now and then each byte on its own, at the beginning, where the head is.
  const byByte = below(10) === 0 ? Math.min(bytes.length, 60) : 0;
  for (let at = 0; at < byByte; at++) pieces.push(bytes.subarray(at, at + 1));
  let at = byByte;
  for (let left = below(4); left > 0 && at < bytes.length; left--) {
    const size = 1 + below(bytes.length - at);
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  if (at < bytes.length) pieces.push(bytes.subarray(at));
  return pieces;
}

function removeSome(bytes: Buffer, below: Below): Buffer {
  const at = below(bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + below(8))]);
}

function repeatSome(bytes: Buffer, below: Below): Buffer {
  const at = below(bytes.length + 1);
  const some = bytes.subarray(at, at + 1 + below(40));
  return Buffer.concat([bytes.subarray(0, at), ...Array.from({ length: 1 + below(4) }, () => some), bytes.subarray(at)]);
}

function changeOne(bytes: Buffer, below: Below): Buffer {
  const changed = Buffer.from(bytes);
  if (changed.length > 0) changed[below(changed.length)] = below(256);
  return changed;
}

function insertOne(bytes: Buffer, below: Below): Buffer {
  const at = below(bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, at), Buffer.from([[0, 10, 13, 32, 58, 255][below(6)] as number]), bytes.subarray(at)]);
}

function cutOff(bytes: Buffer, below: Below): Buffer {
  return bytes.subarray(0, below(bytes.length + 1));
}
