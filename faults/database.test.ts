import { quickly } from "./quickly.ts";

quickly([4, 6, 11, 22]);
