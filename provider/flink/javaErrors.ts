import { plainText } from "../values/plainText";

const CAUSED_BY = /^Caused by: (.+)$/gm;
/** `org.example.SomeException: message`, or without a message. */
const THROWABLE = /^((?:[\p{L}_$][\p{L}\p{N}_$]*\.)+[\p{L}_$][\p{L}\p{N}_$]*)(?:: (.*))?$/u;
/** Wrappers whose message is their cause's `toString()`. */
const WRAPPER = /\.(?:CompletionException|ExecutionException|SerializedThrowable|RuntimeException)$/;
/** Of a longer text the beginning and the end are looked at: there its first and its last exception stand. */
const MAX_TEXT_LENGTH = 256 * 1024;
const MAX_MESSAGE_LENGTH = 2_000;
const MAX_WRAPPERS = 20;
/** Flink appends this to the real answer ("no file system for scheme s3") whenever Hadoop is absent. */
const HADOOP_ABSENT = /UnsupportedFileSystemSchemeException: Hadoop is not in the classpath/;

/**
 * Reduces a Java stack trace to what a user needs: the first line of the last `Caused by:`, or of the
 * exception itself, its class without the package.
 *
 * A text that is no stack trace comes back as its first line.
 */
export function rootCauseOf(trace: string): string {
  const text = plainText(trace, MAX_TEXT_LENGTH);
  const causes = [...text.matchAll(CAUSED_BY)].map((match) => (match[1] ?? "").trim());
  while (causes.length > 1 && HADOOP_ABSENT.test(causes.at(-1) ?? "")) causes.pop();
  const lines = text.split("\n").map((line) => line.trim());
  const line = causes.at(-1) ?? lines.find((each) => THROWABLE.test(each)) ?? lines.find((each) => each !== "") ?? "";
  return shorten(line, MAX_WRAPPERS).slice(0, MAX_MESSAGE_LENGTH);
}

function shorten(line: string, wrappers: number): string {
  const match = THROWABLE.exec(line);
  const className = match?.[1];
  if (className === undefined) return line;
  const message = match?.[2]?.trim() ?? "";
  if (wrappers > 0 && WRAPPER.test(className) && THROWABLE.test(message)) return shorten(message, wrappers - 1);
  const simpleName = className.slice(className.lastIndexOf(".") + 1);
  return message === "" ? simpleName : `${simpleName}: ${message}`;
}

/** The path in a `StopWithSavepointStoppingException`: the savepoint is complete, only the stop failed. */
export function completedSavepointOf(stackTrace: string): string | undefined {
  return /savepoint has been created at: (\S+?),? but the corresponding job/.exec(stackTrace)?.[1];
}

/** What Flink says of a snapshot to delete that is not there: neither its folder nor its file. */
export function isMissingSnapshot(stackTrace: string): boolean {
  return stackTrace.includes("Cannot find checkpoint or savepoint file/directory");
}
