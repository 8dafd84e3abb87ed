import assert from "node:assert/strict";
import { checkDeploymentInputs } from "../../../provider/deployment/checkInputs";
import { failuresOf, inputsWith, refuses } from "./inputsFixture";

const JAR = "https://jars.example.org/job.jar";
const withDependencies = (...additionalDependencies: unknown[]) => ({
  artifact: { jarUri: JAR, entryClass: "A", additionalDependencies },
});

describe("the additional dependencies of a FlinkDeployment's arguments", () => {
  refuses([
    [
      "what is no list",
      { artifact: { jarUri: JAR, additionalDependencies: "s3://bucket/a.jar" } },
      "artifact.additionalDependencies: must be a list, not a string",
    ],
    [
      "what is no address",
      withDependencies("https://h/a.jar", 7),
      "artifact.additionalDependencies[1]: must be a string, not a number",
    ],
    [
      "an address without a scheme",
      withDependencies("lib/a.jar"),
      "artifact.additionalDependencies[0]: has no scheme (allowed: file://, http://, https://, s3://); " +
        "for a file beside the program write its whole path, file:///path",
    ],
    [
      "an address of an unknown scheme",
      withDependencies("https://h/a.jar", "maven://group/artifact"),
      "artifact.additionalDependencies[1]: has the scheme maven://, from which jars cannot be read; " +
        "allowed: file://, http://, https://, s3://",
    ],
    [
      "files of the image",
      withDependencies("local:///opt/flink/usrlib/a.jar"),
      /^artifact\.additionalDependencies\[0\]: lies in the cluster's image, from which nothing can be packed/,
    ],
    [
      "credentials inside an address",
      withDependencies("https://user:hunter2@h/a.jar"),
      /^artifact\.additionalDependencies\[0\]: must not hold credentials/,
    ],
    [
      "folders",
      withDependencies("https://h/libraries/"),
      "artifact.additionalDependencies[0]: must end with the name of the file: " +
        "it becomes a file of that name in the job's jar",
    ],
    [
      "a name that leaves the jar",
      withDependencies("https://h/..%2f..%2fetc%2fcron.d%2fx"),
      /^artifact\.additionalDependencies\[0\]: must end/,
    ],
    [
      "the name of the manifest's folder",
      withDependencies("file:///META-INF"),
      /^artifact\.additionalDependencies\[0\]: must end/,
    ],
    [
      "two of the same name",
      withDependencies("https://h/1/a.jar", "https://h/b.jar", "s3://bucket/a.jar"),
      "artifact.additionalDependencies[2]: would be lib/a.jar in the job's jar, as additionalDependencies[0]; " +
        "leave one out, or rename it",
    ],
    [
      "any for a jar in the image",
      { artifact: { jarUri: "local:///opt/a.jar", additionalDependencies: ["https://h/a.jar"] } },
      /^artifact\.additionalDependencies: has no meaning for a jar that lies in the cluster's image.*: nothing can be packed into it/,
    ],
  ]);

  it("say all that is wrong at once, each with its place", () => {
    const failures = failuresOf(
      inputsWith(withDependencies("a.jar", "https://h/b.jar", "ftp://h/c.jar", "s3://bucket")),
    );
    assert.deepEqual(
      failures.map((line) => line.split(":")[0]),
      [0, 2, 3].map((index) => `artifact.additionalDependencies[${index}]`),
    );
  });

  it("are none by default", () => {
    assert.deepEqual(checkDeploymentInputs(inputsWith()).inputs.artifact.additionalDependencies, []);
  });
});
