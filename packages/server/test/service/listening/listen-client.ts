import { once } from "node:events";
import { WebSocket } from "ws";
import type { Carabiner } from "../../../src/index.ts";

/** A session, as the server answered it. */
export interface Session {
  websocket_url: string;
  websocket_id: string;
  websocket_authorized_feature: string;
  secret: string;
}

/** A frame of the server's, with what is in its payload. */
export interface Frame {
  type: string;
  endpoint: { api_version: string | null };
  http_headers: Record<string, string>;
  webhook_conversation_id: string;
  webhook_id: string;
  event_payload: string;
}

type Server = Pick<Carabiner, "url" | "keys">;

/** Asks for a session. */
export async function askForSession(
  { url, keys }: Server,
  form: Record<string, string> = {},
  headers: Record<string, string> = {},
): Promise<{ status: number; body: Session & { error?: { message: string; param?: string } } }> {
  const response = await fetch(`${url}/v1/stripecli/sessions`, {
    method: "POST",
    headers: { authorization: `Bearer ${keys.test.secret}`, ...headers },
    body: new URLSearchParams({ device_name: "dev", "websocket_features[]": "webhooks", forward_to_url: "localhost:1", ...form }),
  });
  return { status: response.status, body: (await response.json()) as Session };
}

/** A client that sends what a test makes it send, and nothing on its own. */
export interface ListenClient {
  socket: WebSocket;
  frames: Frame[];
  /** Resolves with the first frames, once there are so many. */
  take(count: number): Promise<Frame[]>;
  /** Acknowledges a frame. */
  acknowledge(frame: Frame): void;
  /** Says that the local server answered to a frame. */
  answer(frame: Frame, status: number, body?: string): void;
  /** Resolves with the code that the socket is closed with. */
  closed: Promise<number>;
}

/** What may differ from how a client opens the socket of its session. */
export interface Dialling {
  id?: string;
  url?: string;
  feature?: string;
}

/** Opens a socket. Rejects with the refusal's status and body. */
export async function dial(session: Session, { id, url, feature }: Dialling = {}): Promise<ListenClient> {
  const socket = new WebSocket(
    `${url ?? session.websocket_url}?websocket_feature=${feature ?? session.websocket_authorized_feature}`,
    "stripecli-devproxy-v1",
    { headers: { "websocket-id": id ?? session.websocket_id } },
  );
  const frames: Frame[] = [];
  let told = Promise.withResolvers<void>();
  socket.on("message", (data) => {
    frames.push(JSON.parse(String(data)) as Frame);
    told.resolve();
    told = Promise.withResolvers();
  });
  const closed = new Promise<number>((resolve) => socket.on("close", resolve));
  const opened = once(socket, "open");
  opened.catch(() => undefined);
  await Promise.race([opened, refusalOf(socket)]);
  const say = (frame: object): void => socket.send(JSON.stringify(frame));
  const about = ({ webhook_conversation_id, webhook_id }: Frame) => ({ webhook_conversation_id, webhook_id });
  return {
    socket,
    frames,
    async take(count) {
      while (frames.length < count) await told.promise;
      return frames.slice(0, count);
    },
    acknowledge: (frame) => say({ type: "event_ack", event_id: "evt", ...about(frame) }),
    answer: (frame, status, body = "") =>
      say({ type: "webhook_response", status, http_headers: { "X-Local": "1" }, body, ...about(frame) }),
    closed,
  };
}

/** Rejects when the socket is refused. */
async function refusalOf(socket: WebSocket): Promise<never> {
  const [, response] = (await once(socket, "unexpected-response")) as [unknown, AsyncIterable<Buffer> & { statusCode: number }];
  let body = "";
  for await (const chunk of response) body += String(chunk);
  throw new Error(`${response.statusCode} ${body}`);
}
