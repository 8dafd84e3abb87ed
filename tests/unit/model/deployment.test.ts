import { checkBatches } from "../../rig/model/batches";

/** Of a sequence: how many are run, and where they begin. `MODEL_RUNS=20000 MODEL_SEED=7 npx mocha …` runs others. */
const RUNS = Number(process.env["MODEL_RUNS"] ?? 200);
const SEED = Number(process.env["MODEL_SEED"] ?? 20_260_301);

describe("the hooks of a FlinkDeployment under random users and random misfortune", function () {
  // A long run is asked for by MODEL_RUNS.
  this.timeout(Math.max(120_000, RUNS * 3_000));

  it("never run two jobs, never lose or repeat state, and reach what is asked for in the end", () =>
    checkBatches({ seed: SEED, runs: RUNS }));
});
