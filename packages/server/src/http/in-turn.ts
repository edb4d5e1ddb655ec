import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** The requests of a server's connections, handled in turn. */
export interface RequestTurns {
  /** What the server calls for each request. */
  listener: RequestListener;
  /**
   * For a connection on which something cannot be read: calls back, once for a connection, when the requests before it
   * are answered. At once if nothing waits for an answer, and not at all if the connection closes first.
   */
  onceAnswered(socket: Socket, then: () => void): void;
}

/** A connection with a request on it. */
interface Turn {
  /** Requests that wait. */
  waiting: number;
  /** The newest request, which may not have arrived whole. */
  request: IncomingMessage;
  response: ServerResponse;
  /** The answer to the one before it. */
  before: ServerResponse | null;
}

/**
 * Handles the requests of a connection one after another: each starts once the answer to the previous one is sent.
 * Node.js hands over all requests that arrive together, and would keep all their answers for a client that does not
 * read. At most `waiting` may wait on a connection; `onTooMany` closes it when there are more.
 */
export function inTurn(handler: RequestListener, waiting: number, onTooMany: (socket: Socket) => void): RequestTurns {
  const turns = new WeakMap<Socket, Turn>();
  const ending = new WeakSet<Socket>();

  function arrived(request: IncomingMessage, response: ServerResponse): Turn {
    const turn = turns.get(request.socket);
    if (turn === undefined) {
      const first: Turn = { waiting: 0, request, response, before: null };
      turns.set(request.socket, first);
      return first;
    }
    turn.before = turn.response;
    turn.request = request;
    turn.response = response;
    return turn;
  }

  return {
    listener(request, response) {
      const { socket } = request;
      const turn = arrived(request, response);
      // Node.js gives a response the socket when all earlier responses have been sent.
      if (response.socket !== null) {
        handler(request, response);
        return;
      }
      if (socket.destroyed) return;
      if (turn.waiting >= waiting) {
        onTooMany(socket);
        return;
      }
      turn.waiting += 1;
      response.once("socket", () => {
        turn.waiting -= 1;
        handler(request, response);
      });
    },

    onceAnswered(socket, then) {
      if (ending.has(socket)) return;
      ending.add(socket);
      const turn = turns.get(socket);
      const last = turn === undefined ? null : turn.request.complete ? turn.response : turn.before;
      if (last === null || last.closed) then();
      else
        last.once("close", () => {
          if (!socket.destroyed) then();
        });
    },
  };
}
