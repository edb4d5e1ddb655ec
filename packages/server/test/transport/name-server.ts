import { createSocket } from "node:dgram";
import { once } from "node:events";

/**
 * What a name server says of a name: IPv4 addresses with how long they hold, that there is none, that it failed, or
 * nothing at all.
 */
export type NameAnswer = { addresses: readonly string[]; ttl: number } | "no such name" | "failed" | "silent";

/** A name server on the loopback address. */
export interface NameServer {
  /** `127.0.0.1:PORT`, as a transport takes it. */
  address: string;
  /** The names that were queried, in order; each once for both families. */
  asked: string[];
  close(): Promise<void>;
}

const A = 1;

/**
 * Starts one that gives the configured answers, by the queried name and family, over UDP. Source:
 * https://www.rfc-editor.org/rfc/rfc1035#section-4
 */
export async function startNameServer(answer: (name: string, family: 4 | 6) => NameAnswer): Promise<NameServer> {
  const socket = createSocket("udp4");
  const asked: string[] = [];
  socket.on("message", (query, from) => {
    const labels: string[] = [];
    let at = 12;
    for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
      labels.push(query.toString("latin1", at + 1, at + 1 + length));
      at += 1 + length;
    }
    const type = query.readUInt16BE(at + 1);
    const name = labels.join(".").toLowerCase();
    asked.push(name);
    const said = answer(name, type === A ? 4 : 6);
    if (said === "silent") return;
    const addresses = typeof said === "string" || type !== A ? [] : said.addresses;
    const head = Buffer.alloc(12);
    query.copy(head, 0, 0, 2);
    head.writeUInt16BE(0x8180 | (said === "no such name" ? 3 : said === "failed" ? 2 : 0), 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(addresses.length, 6);
    const records = addresses.map((address) => {
      const record = Buffer.alloc(16);
      record.writeUInt16BE(0xc00c, 0);
      record.writeUInt16BE(A, 2);
      record.writeUInt16BE(1, 4);
      record.writeUInt32BE(typeof said === "string" ? 0 : said.ttl, 6);
      record.writeUInt16BE(4, 10);
      record.set(address.split(".").map(Number), 12);
      return record;
    });
    socket.send(Buffer.concat([head, query.subarray(12, at + 5), ...records]), from.port, from.address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return {
    address: `127.0.0.1:${socket.address().port}`,
    asked,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}
