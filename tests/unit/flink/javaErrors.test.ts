import assert from "node:assert/strict";
import { completedSavepointOf, rootCauseOf } from "../../../provider/flink/javaErrors";
import { trace } from "./fakeServer";

describe("the root cause of a Java stack trace", () => {
  const cases: [title: string, text: string, expected: string][] = [
    [
      "is the last cause",
      trace(
        "org.apache.flink.runtime.rest.handler.RestHandlerException: Could not execute application.",
        "java.util.concurrent.CompletionException: org.apache.flink.util.FlinkRuntimeException: Could not execute application.",
        "java.io.FileNotFoundException: Cannot find checkpoint or savepoint file/directory '/tmp/nosuch' on file system 'file'.",
      ),
      "FileNotFoundException: Cannot find checkpoint or savepoint file/directory '/tmp/nosuch' on file system 'file'.",
    ],
    [
      "is the exception itself when it has no cause",
      trace("org.apache.flink.runtime.rest.handler.RestHandlerException: Only Jar files are allowed."),
      "RestHandlerException: Only Jar files are allowed.",
    ],
    [
      "is found within Flink's frame of an internal server error",
      `Internal server error.\n<Exception on server side:\n${trace("org.apache.flink.runtime.messages.FlinkJobNotFoundException: Could not find Flink job (ff)")}End of exception on server side>`,
      "FlinkJobNotFoundException: Could not find Flink job (ff)",
    ],
    [
      "looks into wrappers that only repeat their cause",
      trace(
        "a.B: x",
        "org.apache.flink.util.SerializedThrowable: java.lang.RuntimeException: java.io.IOException: disk full",
      ),
      "IOException: disk full",
    ],
    ["may have no message", trace("java.lang.NullPointerException"), "NullPointerException"],
    ["keeps the first line of a longer message", trace("a.b.C: first\nsecond"), "C: first"],
    [
      "does not take a suppressed exception's cause",
      "a.b.C: real\n\tSuppressed: a.b.D: no\n\tCaused by: a.b.E: no\n",
      "C: real",
    ],
    ["of a text that is no trace is its first line", "\n  Not found: /x\nmore", "Not found: /x"],
    ["of nothing is nothing", "", ""],
    [
      "is not that Hadoop is absent, which Flink appends to every unknown file system",
      trace(
        "org.apache.flink.runtime.checkpoint.CheckpointException: IO-problem detected.",
        "org.apache.flink.core.fs.UnsupportedFileSystemSchemeException: Could not find a file system implementation for scheme 's3'.",
        "org.apache.flink.core.fs.UnsupportedFileSystemSchemeException: Hadoop is not in the classpath/dependencies.",
      ),
      "UnsupportedFileSystemSchemeException: Could not find a file system implementation for scheme 's3'.",
    ],
  ];
  for (const [title, text, expected] of cases) {
    it(title, () => assert.equal(rootCauseOf(text), expected));
  }
});

describe("the savepoint of a stop that failed after it", () => {
  const message =
    "org.apache.flink.runtime.scheduler.stopwithsavepoint.StopWithSavepointStoppingException: A savepoint has been created at: " +
    "file:/sp/savepoint-1-2, but the corresponding job ff failed during stopping. The savepoint is consistent, but might have uncommitted transactions.";

  it("is in the exception's message", () => {
    assert.equal(
      completedSavepointOf(trace("java.util.concurrent.CompletionException: x", message)),
      "file:/sp/savepoint-1-2",
    );
  });

  it("is absent from other failures", () => {
    assert.equal(completedSavepointOf(trace("a.b.C: nothing")), undefined);
  });
});
