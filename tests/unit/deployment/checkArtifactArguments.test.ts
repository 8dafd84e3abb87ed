import { fileAsset, refuses } from "./inputsFixture";

const ASSET = { "4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17" };

describe("the artifact of a FlinkDeployment's arguments", () => {
  refuses([
    [
      "a mistyped key inside",
      { artifact: { jarUri: "file:///a.jar", entryclass: "A" } },
      "artifact.entryclass: is not known here; did you mean entryClass?",
    ],
    ["no artifact", { artifact: undefined }, "artifact: is required"],
    [
      "neither jar nor jarUri",
      { artifact: {} },
      "artifact: needs exactly one of jar (an asset) and jarUri (an address), and has neither",
    ],
    [
      "both jar and jarUri",
      { artifact: { jar: fileAsset("a.jar"), jarUri: "file:///a.jar" } },
      "artifact: needs exactly one of jar (an asset) and jarUri (an address), and has both",
    ],
    [
      "a jar that is a path",
      { artifact: { jar: "a.jar" } },
      /^artifact\.jar: must be a pulumi\.asset\.FileAsset or RemoteAsset, not a string/,
    ],
    [
      "a jar that is an asset of nothing",
      { artifact: { jar: { ...ASSET, path: "" } } },
      "artifact.jar: is an asset without a path or an address",
    ],
    [
      "a RemoteAsset that no jar can be read from",
      { artifact: { jar: { ...ASSET, uri: "ftp://host/a.jar" } } },
      /^artifact\.jar: has the scheme ftp:\/\/, from which jars cannot be read/,
    ],
    [
      "a jar where clouds keep credentials",
      { artifact: { jarUri: "http://169.254.169.254/latest/job.jar" } },
      "artifact.jarUri: is at 169.254.169.254, an address where clouds keep credentials, and nobody keeps jars",
    ],
    [
      "a bucket without a file",
      { artifact: { jarUri: "s3://bucket" } },
      'artifact.jarUri: must name a bucket and a file in it: "s3://bucket/path/job.jar"',
    ],
    [
      "a folder in a bucket",
      { artifact: { jarUri: "s3://bucket/jars/" } },
      'artifact.jarUri: must name a bucket and a file in it: "s3://bucket/path/job.jar"',
    ],
    [
      "keys in the address of a bucket",
      { artifact: { jarUri: "s3://key:hunter2@bucket/a.jar" } },
      /^artifact\.jarUri: must not hold credentials \(key:secret@\): the AWS SDK finds them/,
    ],
    [
      "headers for a jar in S3",
      { artifact: { jarUri: "s3://bucket/a.jar", httpHeaders: { A: "b" } } },
      /^artifact\.httpHeaders: has no meaning for a jar in S3/,
    ],
    [
      "a jarUri without a scheme",
      { artifact: { jarUri: "./a.jar" } },
      /^artifact\.jarUri: has no scheme \(allowed: file:\/\/, http:\/\/, https:\/\/, s3:\/\/, local:\/\/\)/,
    ],
    [
      "a jarUri of an unknown scheme",
      { artifact: { jarUri: "gs://bucket/a.jar" } },
      "artifact.jarUri: has the scheme gs://, from which jars cannot be read; allowed: file://, http://, https://, s3://, local://",
    ],
    [
      "a jar in the image by two slashes",
      { artifact: { jarUri: "local://opt/a.jar" } },
      /^artifact\.jarUri: must name a jar in the image by its path, with three slashes/,
    ],
    [
      "a jar in the image by a path that is none",
      { artifact: { jarUri: "local:///opt/100%.jar" } },
      /^artifact\.jarUri: must name a jar in the image by its path/,
    ],
    [
      "a digest for a jar in the image",
      { artifact: { jarUri: "local:///opt/a.jar", sha256: "a".repeat(64) } },
      "artifact.sha256: has no meaning for a jar that lies in the cluster's image, and that only the cluster reads",
    ],
    [
      "headers for a jar in the image",
      { artifact: { jarUri: "local:///opt/a.jar", httpHeaders: { A: "b" } } },
      /^artifact\.httpHeaders: has no meaning for a jar that lies in the cluster's image/,
    ],
    [
      "a file of another host",
      { artifact: { jarUri: "file://host/a.jar" } },
      /^artifact\.jarUri: names the host "host"; a local file has three slashes/,
    ],
    [
      "headers for a local jar",
      { artifact: { jarUri: "file:///a.jar", httpHeaders: { A: "b" } } },
      /^artifact\.httpHeaders: has no meaning for a local jar/,
    ],
    [
      "headers for a file asset",
      { artifact: { jar: fileAsset("a.jar"), httpHeaders: { A: "b" } } },
      /^artifact\.httpHeaders: has no meaning for a local jar/,
    ],
    [
      "a SHA-256 that is none",
      { artifact: { jarUri: "file:///a.jar", sha256: "abc" } },
      `artifact.sha256: must be a SHA-256: 64 hexadecimal digits, but is "abc"`,
    ],
    [
      "an entry class that is none",
      { artifact: { jarUri: "file:///a.jar", entryClass: "org/example/Main" } },
      /^artifact\.entryClass: must be the full name of a class/,
    ],
    [
      "main arguments with an open quote",
      { artifact: { jarUri: "file:///a.jar", mainArgs: "--a 'b" } },
      /^artifact\.mainArgs: has a quote ' at character 5 that is not closed/,
    ],
    [
      "main arguments of another type",
      { artifact: { jarUri: "file:///a.jar", mainArgs: ["a", {}] } },
      "artifact.mainArgs: must hold strings only, but number 2 is an object",
    ],
    [
      "credentials inside a jar's address",
      { artifact: { jarUri: "https://user:hunter2@host/a.jar" } },
      "artifact.jarUri: must not hold credentials (user:password@): give them as httpHeaders",
    ],
    [
      "an artifact header with a line break",
      { artifact: { jarUri: "https://h/a.jar", httpHeaders: { A: "hunter2\n" } } },
      /^artifact\.httpHeaders\.A: holds a line break/,
    ],
  ]);
});
