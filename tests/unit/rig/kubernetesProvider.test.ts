import assert from "node:assert/strict";
import { ApiError } from "../../rig/kubernetes/client";
import { changedPaths, projected } from "../../rig/kubernetesProvider/changes";
import { kindOf, referenceOfId, withName } from "../../rig/kubernetesProvider/inputs";
import { refusedPaths, replacingPaths } from "../../rig/kubernetesProvider/replacement";

const urn = (token: string): string => `urn:pulumi:dev::project::parent:index:Type$${token}::server`;
const deployment = { apiVersion: "apps/v1", kind: "Deployment" };
const config = { apiVersion: "v1", kind: "ConfigMap" };
const immutable = { configMaps: false, secrets: false };

describe("what the test-only kubernetes provider decides", () => {
  it("names the paths of what was added, changed and taken away", () => {
    const before = { spec: { a: [{ image: "1" }, { image: "2" }], gone: true } };
    const after = { spec: { a: [{ image: "1" }, { image: "3" }], added: true } };
    assert.deepEqual(changedPaths(before, after), ["spec.a[1].image", "spec.gone", "spec.added"]);
  });

  it("replaces for fields that Kubernetes cannot change, and for nothing else", () => {
    const changed = ["spec.replicas", "spec.selector.matchLabels.app", "spec.selectors", "metadata.name"];
    assert.deepEqual(replacingPaths(deployment, changed, immutable), [
      "spec.selector.matchLabels.app",
      "metadata.name",
    ]);
    assert.deepEqual(replacingPaths(config, ["data.key"], immutable), ["data.key"]);
    assert.deepEqual(replacingPaths(config, ["data.key"], { configMaps: true, secrets: false }), []);
  });

  it("replaces where the API server says that a field is immutable, and fails where it says that one is wrong", () => {
    const refusal = (field: string, message: string) => new ApiError(422, "Invalid", message, [{ field, message }]);
    const changed = ["spec.template.spec.nodeName", "metadata.labels.a"];
    const fixed = refusal("spec.template", "Invalid value: field is immutable");
    assert.deepEqual(refusedPaths(fixed, changed), ["spec.template.spec.nodeName"]);
    assert.deepEqual(refusedPaths(refusal("spec.template", "Required value"), changed), []);
  });

  it("keeps a name that it gave, gives another to a replacement, and leaves a written one alone", () => {
    const seed = (byte: number) => new Uint8Array([byte]);
    const at = urn("kubernetes:apps/v1:Deployment");
    const nameOf = (inputs: Record<string, unknown>) => (inputs["metadata"] as { name: string }).name;
    const first = withName({}, {}, at, seed(1));
    assert.match(nameOf(first), /^server-[0-9a-f]{8}$/);
    assert.equal(nameOf(withName({}, first, at, seed(2))), nameOf(first));
    assert.notEqual(nameOf(withName({}, {}, at, seed(2))), nameOf(first));
    assert.deepEqual(withName({ metadata: { name: "mine" } }, {}, at, seed(1)), { metadata: { name: "mine" } });
  });

  it("takes kinds from type tokens, and refuses what is no plain object", () => {
    assert.deepEqual(kindOf(urn("kubernetes:apps/v1:Deployment")), deployment);
    assert.deepEqual(kindOf(urn("kubernetes:core/v1:ConfigMap")), config);
    assert.throws(() => kindOf(urn("kubernetes:helm.sh/v3:Release")), /plain Kubernetes objects/);
    assert.throws(() => kindOf(urn("kubernetes:apps/v1:DeploymentPatch")), /plain Kubernetes objects/);
    assert.deepEqual(referenceOfId("space/name", urn("kubernetes:core/v1:ConfigMap")), {
      ...config,
      name: "name",
      namespace: "space",
    });
  });

  it("reads back what the user wrote, without what the cluster added", () => {
    const live = { spec: { replicas: 3, strategy: {} }, status: {} };
    assert.deepEqual(projected({ spec: { replicas: 1, gone: 1 } }, live), { spec: { replicas: 3 } });
  });
});
