import assert from "node:assert/strict";
import { checkDeploymentInputs } from "../../../provider/deployment/checkInputs";

/** A file asset as a hook receives it. */
export function fileAsset(path: string, hash?: string): Record<string, unknown> {
  return {
    "4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17",
    path,
    ...(hash === undefined ? {} : { hash }),
  };
}

/** The least that a running deployment needs, with changes. */
export function inputsWith(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    cluster: { url: "http://localhost:8081" },
    artifact: { jarUri: "https://jars.example.org/job.jar", entryClass: "org.example.Main" },
    ...changes,
  };
}

/** The failures as "property: reason" lines. */
export function failuresOf(news: Record<string, unknown>): string[] {
  return checkDeploymentInputs(news).failures.map(({ property, reason }) => `${property}: ${reason}`);
}

/** What is said of a cluster that has no address; of one that has a wrong one, too. */
export const NO_ADDRESS = "cluster: needs exactly one of url (an address) and kubernetes (a Service), and has neither";

/** A test for each: the least that a deployment needs, with these changes, is refused for one reason. */
export function refuses(cases: [title: string, changes: Record<string, unknown>, failure: string | RegExp][]): void {
  for (const [title, changes, failure] of cases) {
    it(`refuse ${title}`, () => {
      const failures = failuresOf(inputsWith(changes)).filter((line) => line !== NO_ADDRESS || failure === line);
      assert.equal(failures.length, 1, failures.join("\n"));
      if (typeof failure === "string") assert.equal(failures[0], failure);
      else assert.match(failures[0] ?? "", failure);
      assert.doesNotMatch(failures[0] ?? "", /hunter2/);
    });
  }
}
