import { holdSeeds } from "./hold-seeds.ts";

// A file of its own, so that another core can run it.
holdSeeds(101, 200);
