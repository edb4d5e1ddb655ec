import { createContext, useContext } from "react";
import { type Client, createClient } from "./client.ts";

/** The client of the mode that the address names. */
export const ClientContext = createContext<Client>(createClient("test"));

/** The client of the mode that the address names. */
export const useClient = (): Client => useContext(ClientContext);
