import * as pulumi from "@pulumi/pulumi";
import type * as hooks from "../hooks/localProcesses";
import type { ProcessesInputs, ProcessesOutputs, ProcessOutput } from "../localProcesses/inputs";
import type { Duration } from "./args";
import { ownUrn } from "./ownUrn";

/** Arguments of {@link LocalFlinkProcesses}. */
export interface LocalFlinkProcessesArgs {
  flinkVersion?: pulumi.Input<string>;
  flinkHome?: pulumi.Input<string>;
  taskManagers?: pulumi.Input<number>;
  slotsPerTaskManager?: pulumi.Input<number>;
  flinkConfiguration?: pulumi.Input<Record<string, pulumi.Input<string | number | boolean>>>;
  directory: pulumi.Input<string>;
  port?: pulumi.Input<number>;
  clusterReadyTimeout?: pulumi.Input<Duration>;
  fingerprint: pulumi.Input<string>;
  incarnation: pulumi.Input<string>;
}

/** Found from the project's folder, so that this package's own repository can be a project too. */
function loadHooks(): typeof hooks {
  const load = process.getBuiltinModule("node:module").createRequire(`${process.cwd()}/`);
  return load("pulumi-flink/hooks/localProcesses") as typeof hooks;
}

/** What Pulumi's state holds of the provider: calls by name, so that it never changes with the library. */
const provider: pulumi.dynamic.ResourceProvider<ProcessesInputs, ProcessesOutputs> = {
  configure: (request) => loadHooks().configure(request),
  check: (olds, news) => loadHooks().check(olds, news),
  diff: (id, olds, news) => loadHooks().diff(id, olds, news),
  create: (inputs) => loadHooks().create(inputs),
  read: (id, props) => loadHooks().read(id, props),
  update: (id, olds, news) => loadHooks().update(id, olds, news),
  delete: (id, props) => loadHooks().delete(id, props),
};

const MODULE = "flink";
const TYPE = "LocalProcesses";

/** The JobManager and the TaskManagers of a local cluster, as JVMs of this machine. */
export class LocalFlinkProcesses extends pulumi.dynamic.Resource {
  declare readonly url: pulumi.Output<string>;
  declare readonly runningVersion: pulumi.Output<string>;
  declare readonly host: pulumi.Output<string>;
  declare readonly home: pulumi.Output<string>;
  declare readonly savepointDirectory: pulumi.Output<string>;
  declare readonly processes: pulumi.Output<ProcessOutput[]>;

  constructor(name: string, args: LocalFlinkProcessesArgs, opts: pulumi.CustomResourceOptions = {}) {
    super(
      provider,
      name,
      {
        ...args,
        resourceUrn: ownUrn(name, TYPE, opts.parent),
        isDryRun: pulumi.runtime.isDryRun(),
        url: undefined,
        runningVersion: undefined,
        host: undefined,
        home: undefined,
        savepointDirectory: undefined,
        processes: undefined,
        ready: undefined,
      },
      opts,
      MODULE,
      TYPE,
    );
  }
}
