import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/**
 * Handles the requests of a connection one after another: each starts once the answer to the previous one is sent.
 * Node.js hands over all requests that arrive together, and would keep all their answers for a client that does not
 * read. At most `waiting` may wait on a connection; `onTooMany` closes it when there are more.
 */
export function inTurn(handler: RequestListener, waiting: number, onTooMany: (socket: Socket) => void): RequestListener {
  const counts = new WeakMap<Socket, number>();

  return (request: IncomingMessage, response: ServerResponse) => {
    // Node.js gives a response the socket when all earlier responses have been sent.
    if (response.socket !== null) {
      handler(request, response);
      return;
    }
    const { socket } = request;
    if (socket.destroyed) return;
    const count = counts.get(socket) ?? 0;
    if (count >= waiting) {
      onTooMany(socket);
      return;
    }
    counts.set(socket, count + 1);
    response.once("socket", () => {
      counts.set(socket, (counts.get(socket) ?? 1) - 1);
      handler(request, response);
    });
  };
}
