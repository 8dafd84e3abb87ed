import assert from "node:assert/strict";
import * as surface from "../../index";

describe("the public surface", () => {
  it("exports these classes, and nothing else", () => {
    assert.deepEqual(Object.keys(surface).sort(), [
      "ApplicationCluster",
      "DeploymentManifest",
      "FlinkApplication",
      "FlinkDeployment",
      "InvalidClusterError",
      "InvalidDeploymentError",
      "InvalidStackConfigurationError",
      "LocalCluster",
      "PulumiFlinkError",
      "Savepoint",
      "SessionCluster",
      "parseDeployment",
      "parseDeployments",
    ]);
  });
});
