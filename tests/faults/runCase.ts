import { CaseRun } from "./caseRun";
import type { FaultCase, Point } from "./cases";
import { openCli } from "./cli";
import type { Fault } from "./faults";
import { openHosted } from "./hosted";
import type { Lab, PairKind } from "./lab";
import type { Transition } from "./transitions";

/** The request that a fault waits for did not come: this run of the transition made other ones. */
export class PointNotReached extends Error {}

/** A session cluster's registration looks at every job there, whosever it is; and some faults come to the whole cluster. */
export function needsToBeAlone({ deployments = 1 }: Transition, fault: Fault): boolean {
  return deployments > 1 || fault.harms !== undefined;
}

function pairOf(transition: Transition, fault: Fault): PairKind {
  if (fault.highAvailability === true) return "highly available";
  return needsToBeAlone(transition, fault) ? "alone" : "shared";
}

/** Runs a transition without a fault, and gives every request that it makes, each role once. */
export function record(lab: Lab, transition: Transition): Promise<Point[]> {
  // Where others' jobs run, too, some transitions look at these: what they ask then differs from run to run.
  return lab.withPair("alone", async (pair) => {
    const stack = await openHosted(lab, pair, transition.deployments ?? 1, false);
    try {
      const run = new CaseRun(stack, transition);
      await run.prepare();
      const problem = await run.attempt(transition.change);
      // Deployments are alike: faults come to the first of them, and to the registrations.
      const faulted = stack.actors.filter(
        ({ name }) => !stack.deployments.slice(1).some((other) => other.name === name),
      );
      const points = faulted.flatMap((actor) => actor.wire.roles.map((role) => ({ actor: actor.name, role })));
      await run.finish([transition.change], problem);
      return points.filter(
        ({ actor, role }, index) =>
          points.findIndex((other) => other.actor === actor && other.role.text === role.text) === index,
      );
    } finally {
      await stack.close();
    }
  });
}

/** Runs one case; the names of the refusals that there were. Throws what was asserted and does not hold. */
export function runCase(lab: Lab, { transition, point, fault, followUp }: FaultCase): Promise<string[]> {
  return lab.withPair(pairOf(transition, fault), async (pair) => {
    const { cli, kills = false } = fault;
    const stack = await (cli === undefined
      ? openHosted(lab, pair, transition.deployments ?? 1, kills)
      : openCli(lab, pair, cli));
    const run = new CaseRun(stack, transition, fault);
    try {
      await run.prepare();
      const { wire } = stack.actor(point.actor);
      let harm = Promise.resolve();
      const armed = wire.arm(point.role, ({ cluster, url }) => {
        const treatment = fault.treatment({
          kill: () => stack.driver.kill(),
          flink: pair[cluster],
          loseStorage: (what) => run.loseStorage(what),
          url,
        });
        const act = "act" in treatment ? treatment.act : undefined;
        if (act === undefined) return treatment;
        // What goes wrong in it is this case's to tell, not the proxy's.
        return { ...treatment, act: () => (harm = act()).catch(() => undefined) };
      });
      const problem = await run.attempt(transition.change, kills);
      wire.disarm();
      // The provider may have given up before: its user goes on once the clusters are there again.
      await harm;
      if (!armed.happened) throw new PointNotReached(`there was no ${point.role.text}`);
      if (fault.harms === "storage") await run.goOnWithoutStorage(problem);
      await run.finish(followUp.after(transition), problem);
      return run.refusals;
    } finally {
      await run.bringStorageBack();
      await stack.close();
    }
  });
}
