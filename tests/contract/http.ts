/** Plain HTTP against Flink's REST API, and looks into its answers. */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";

export interface Answer {
  status: number;
  text: string;
  body: unknown;
}

export async function call(method: string, url: string, body?: unknown): Promise<Answer> {
  const response = await fetch(url, {
    method,
    signal: AbortSignal.timeout(30_000),
    ...(body !== undefined && {
      headers: { "content-type": "application/json" },
      body: typeof body === "string" ? body : JSON.stringify(body),
    }),
  });
  return await read(response);
}

export async function upload(url: string, name: string, content: Uint8Array<ArrayBuffer>): Promise<Answer> {
  const form = new FormData();
  form.set("jarfile", new Blob([content], { type: "application/x-java-archive" }), name);
  return await read(await fetch(`${url}/jars/upload`, { method: "POST", body: form }));
}

async function read(response: Response): Promise<Answer> {
  const text = await response.text();
  assert.match(response.headers.get("content-type") ?? "", /^application\/json/);
  return { status: response.status, text, body: JSON.parse(text) as unknown };
}

/** The value at a path of keys, or undefined. */
export function at(body: unknown, ...path: (string | number)[]): unknown {
  let value = body;
  for (const key of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Record<string | number, unknown>)[key];
  }
  return value;
}

export function text(body: unknown, ...path: (string | number)[]): string {
  const value = at(body, ...path);
  assert.equal(typeof value, "string", `${path.join(".")} is no string in ${JSON.stringify(body).slice(0, 500)}`);
  return String(value);
}

export function list(body: unknown, ...path: (string | number)[]): unknown[] {
  const value = at(body, ...path);
  assert.ok(Array.isArray(value), `${path.join(".")} is no list in ${JSON.stringify(body).slice(0, 500)}`);
  return value as unknown[];
}

/** The fields of an object, whatever their order. */
export function assertFields(body: unknown, expected: readonly string[]): void {
  assert.ok(typeof body === "object" && body !== null, `no object: ${JSON.stringify(body)}`);
  assert.deepEqual(Object.keys(body).sort(), [...expected].sort());
}

/** A failing answer, and its texts together. */
export function assertError(answer: Answer, status: number, ...patterns: RegExp[]): void {
  assert.equal(answer.status, status, answer.text.slice(0, 1000));
  assertFields(answer.body, ["errors"]);
  const errors = list(answer.body, "errors").join("\n");
  for (const pattern of patterns) assert.match(errors, pattern);
}

/** Asks until the answer is right; fails with the last one. */
export async function eventually(ask: () => Promise<Answer>, isRight: (answer: Answer) => boolean): Promise<Answer> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const answer = await ask();
    if (isRight(answer)) return answer;
    if (Date.now() > deadline) assert.fail(`still ${String(answer.status)} ${answer.text.slice(0, 1000)}`);
    await delay(20);
  }
}
