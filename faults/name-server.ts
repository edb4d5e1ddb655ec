import { createSocket } from "node:dgram";
import { isIPv6 } from "node:net";

/**
 * The answers for a name, in turn. Each list is one answer; an empty list for A or AAAA means "no such record", and
 * null means no answer at all.
 */
export type Zone = Record<string, { a: string[][]; aaaa: string[][] } | null>;

const TYPE = { a: 1, aaaa: 28 } as const;
const INTERNET = 1;
const NAME_ERROR = 3;
/** QR, RA. Source: RFC 1035 §4.1.1 */
const RESPONSE = 0x8080;

/**
 * A name server that changes its answers: all of them have a lifetime of zero. A program, started with its `Zone` as
 * JSON. Says `{ port }`; asked `{ asked: true }`, it answers how often it was queried.
 */
const zone = JSON.parse(process.argv[2] ?? "{}") as Zone;
const turns = new Map<string, number>();
let asked = 0;

const socket = createSocket("udp4");
socket.on("message", (query, from) => {
  asked++;
  const question = readQuestion(query);
  const entry = zone[question.name];
  if (entry === null) return;
  const kind = question.type === TYPE.a ? "a" : question.type === TYPE.aaaa ? "aaaa" : null;
  const lists = entry === undefined || kind === null ? [] : entry[kind];
  const turn = turns.get(`${question.name}/${kind}`) ?? 0;
  turns.set(`${question.name}/${kind}`, turn + 1);
  const addresses = lists[turn % lists.length] ?? [];
  socket.send(answer(query, question.end, addresses, entry === undefined ? NAME_ERROR : 0), from.port, from.address);
});

function readQuestion(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join(".").toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

function answer(query: Buffer, questionEnd: number, addresses: readonly string[], code: number): Buffer {
  const head = Buffer.from(query.subarray(0, 12));
  head.writeUInt16BE(RESPONSE | (query.readUInt16BE(2) & 0x0100) | code, 2);
  head.writeUInt16BE(addresses.length, 6);
  head.writeUInt32BE(0, 8);
  return Buffer.concat([head, query.subarray(12, questionEnd), ...addresses.map(record)]);
}

function record(address: string): Buffer {
  const bytes = isIPv6(address) ? bytesOfIpv6(address) : Buffer.from(address.split(".").map(Number));
  const head = Buffer.alloc(12);
  // The name is the one in the question.
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(bytes.length === 4 ? TYPE.a : TYPE.aaaa, 2);
  head.writeUInt16BE(INTERNET, 4);
  head.writeUInt32BE(0, 6);
  head.writeUInt16BE(bytes.length, 10);
  return Buffer.concat([head, bytes]);
}

function bytesOfIpv6(address: string): Buffer {
  const [before = "", after = ""] = address.split("::");
  const groups = (text: string): number[] => (text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16)));
  const [first, last] = [groups(before), groups(after)];
  const all = [...first, ...Array.from({ length: 8 - first.length - last.length }, () => 0), ...last];
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 0xff]));
}

process.on("message", () => process.send?.({ asked }));
process.on("disconnect", () => process.exit());
socket.bind(0, "127.0.0.1", () => process.send?.({ port: socket.address().port }));
