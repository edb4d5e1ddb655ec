import type { FastifyRequest } from "fastify";
import type { SessionCredential } from "../api/session-credential.ts";

/** Finds the session of a request from the dashboard's page. */
export interface PageSessions {
  /** Null for a request from elsewhere. Throws an `ApiError` for a request that pretends to come from the page. */
  of(request: FastifyRequest): SessionCredential | null;
  /** Resolves once a request that may change something, made in an operator's session, is recorded. */
  changing(session: SessionCredential, request: FastifyRequest): Promise<void>;
  /** The session was found and is open. */
  used(session: SessionCredential, request: FastifyRequest): void;
}
