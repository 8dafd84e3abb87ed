import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { z } from "zod";
import { canonicalJson } from "../../values/canonicalJson";
import { plainText } from "../../values/plainText";

/** A kubeconfig's `exec`, as far as it is followed. */
const execSchema = z.object({
  apiVersion: z.string().default("client.authentication.k8s.io/v1"),
  command: z.string(),
  args: z.array(z.string()).nullish(),
  env: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
  installHint: z.string().nullish(),
});

const credentialSchema = z.object({
  kind: z.literal("ExecCredential"),
  status: z.object({
    token: z.string().optional(),
    clientCertificateData: z.string().optional(),
    clientKeyData: z.string().optional(),
    expirationTimestamp: z.string().optional(),
  }),
});

export type ExecCredential = z.infer<typeof credentialSchema>["status"];

/** Another is fetched this long before one ends, so that none ends on its way. */
const MARGIN_MS = 30_000;
const TIMEOUT_MS = 60_000;
const MAX_WORDS = 1_000;

/** By the plugin's whole call: what it said last. */
const cache = new Map<string, { readonly credential: Promise<ExecCredential>; until: number }>();

/**
 * The credential of a kubeconfig's exec plugin; kept until it ends, or until it is refused.
 *
 * @throws Error in words, when the plugin gives none.
 */
export function execCredential(exec: unknown, server: string, refused: boolean): Promise<ExecCredential> {
  const key = canonicalJson([exec, server]);
  const known = cache.get(key);
  if (known !== undefined && !refused && known.until > Date.now()) return known.credential;
  const entry = { credential: run(exec, server), until: Infinity };
  cache.set(key, entry);
  entry.credential.then(
    ({ expirationTimestamp }) => {
      const end = Date.parse(expirationTimestamp ?? "");
      const left = end - Date.now();
      if (!Number.isNaN(end)) entry.until = end - Math.min(MARGIN_MS, left / 2);
    },
    () => cache.delete(key),
  );
  return entry.credential;
}

async function run(given: unknown, server: string): Promise<ExecCredential> {
  const parsed = execSchema.safeParse(given);
  if (!parsed.success) throw new Error("the kubeconfig's exec plugin has no command");
  const { command, args, env, apiVersion, installHint } = parsed.data;
  const info = { apiVersion, kind: "ExecCredential", spec: { interactive: false, cluster: { server } } };
  const child = spawn(command, args ?? [], {
    stdio: ["ignore", "pipe", "pipe"],
    timeout: TIMEOUT_MS,
    env: {
      ...process.env,
      ...Object.fromEntries((env ?? []).map(({ name, value }) => [name, value])),
      KUBERNETES_EXEC_INFO: JSON.stringify(info),
    },
  });
  const failed = (what: string): Error =>
    new Error(
      `the kubeconfig's exec plugin ${JSON.stringify(command)} ${what}${installHint ? `. ${installHint}` : ""}`,
    );
  const ended = new Promise<number | NodeJS.Signals | null>((resolve, reject) => {
    child.once("error", ({ message }) => reject(failed(`cannot be run: ${message}`)));
    child.once("close", (code, signal) => resolve(code ?? signal));
  });
  const [code, output, errors] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  if (code !== 0) {
    const words = plainText(errors.trim(), MAX_WORDS);
    throw failed(`ended with ${code ?? "a signal"}${words === "" ? "" : `: ${words}`}`);
  }
  const credential = credentialSchema.safeParse(parseJson(output));
  // What it printed may be a credential: it is not shown.
  if (!credential.success) throw failed("printed no ExecCredential");
  const { status } = credential.data;
  if (status.token === undefined && status.clientCertificateData === undefined) {
    throw failed("gave neither a token nor a client certificate");
  }
  return status;
}

function parseJson(output: string): unknown {
  try {
    return JSON.parse(output);
  } catch {
    return undefined;
  }
}
