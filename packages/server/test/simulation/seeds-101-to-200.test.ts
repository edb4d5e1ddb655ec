import { holdSeeds } from "./hold-seeds.ts";

// A separate file, so that another core can run it.
holdSeeds(101, 200);
