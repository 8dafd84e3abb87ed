import assert from "node:assert/strict";
import { fromInputs, fromState, rememberCredentials } from "../../../provider/access/credentials";
import type { FlinkKubernetesEndpoint } from "../../../provider/resources/args";

const service = { namespace: "flink", service: "rest" };
const stored: FlinkKubernetesEndpoint = { kubernetes: { ...service, kubeconfig: "/stored" } };
const environment = { PULUMI_FLINK_KUBECONFIG: "/newer", KUBECONFIG: "/of-another-cluster" };

describe("the kubeconfig of a cluster", () => {
  it("is that of the state where nothing newer is known, and says what gives a newer one", () => {
    const { endpoint, credentialsUsed } = fromState("a", stored, { KUBECONFIG: environment.KUBECONFIG });
    assert.equal(endpoint.kubernetes?.kubeconfig, "/stored");
    assert.equal(credentialsUsed, "the stack state's kubeconfig; PULUMI_FLINK_KUBECONFIG gives a newer one");
  });

  it("is that of the environment in its place, but not where the arguments name none", () => {
    const { endpoint, credentialsUsed } = fromState("a", stored, environment);
    assert.deepEqual(endpoint, { kubernetes: { ...service, kubeconfig: "/newer" } });
    assert.equal(credentialsUsed, "the kubeconfig of PULUMI_FLINK_KUBECONFIG");
    const without = fromState("a", { kubernetes: service }, environment);
    assert.deepEqual(without.endpoint, { kubernetes: service });
    assert.equal(without.credentialsUsed, "the kubeconfig that kubectl uses");
  });

  it("is that of this run's program before all others", () => {
    const given: FlinkKubernetesEndpoint = { kubernetes: { ...service, kubeconfig: "/given" } };
    rememberCredentials("b", given);
    assert.deepEqual(fromState("b", stored, environment), {
      endpoint: given,
      credentialsUsed: "the program's kubeconfig",
    });
    assert.equal(fromInputs(given).credentialsUsed, "the program's kubeconfig");
  });
});
