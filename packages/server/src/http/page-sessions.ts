import type { FastifyRequest } from "fastify";
import type { SessionCredential } from "../api/session-credential.ts";

/** Finds the session of a request from the dashboard's page. */
export interface PageSessions {
  /** Null for a request from elsewhere. Throws an `ApiError` for one that pretends to be from the page. */
  of(request: FastifyRequest): SessionCredential | null;
  /** Resolves when it is recorded that a request which may change something was made in a session of an operator. */
  changing(session: SessionCredential, request: FastifyRequest): Promise<void>;
  /** The session was found to be open. */
  used(session: SessionCredential, request: FastifyRequest): void;
}
