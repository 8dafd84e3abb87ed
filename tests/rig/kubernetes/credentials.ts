import { randomBytes } from "node:crypto";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { run } from "./commands";
import { NODE_ADDRESS } from "./namespaces";

/** The address of the `kubernetes` service, the first of those of services. */
const API_SERVICE_ADDRESS = "10.96.0.1";

/** The files by which a cluster's parts know each other, each made for one cluster. */
export interface Credentials {
  readonly authority: string;
  readonly apiServer: { readonly certificate: string; readonly key: string };
  /** As which the API server asks the kubelet. */
  readonly apiServerClient: { readonly certificate: string; readonly key: string };
  /** Signs the tokens of service accounts. */
  readonly serviceAccounts: { readonly key: string; readonly publicKey: string };
  readonly tokens: string;
  readonly administratorToken: string;
}

export async function makeCredentials(directory: string): Promise<Credentials> {
  await fs.mkdir(directory, { recursive: true, mode: 0o700 });
  const at = (name: string): string => path.join(directory, name);
  const openssl = (...args: string[]): Promise<string> => run("openssl", args, { cwd: directory });
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc"];
  await openssl(
    "req",
    "-x509",
    ...newKey,
    "-days",
    "3650",
    "-keyout",
    "ca.key",
    "-out",
    "ca.crt",
    "-subj",
    "/CN=authority",
  );

  const issue = async (
    name: string,
    subject: string,
    extension: string,
  ): Promise<{ certificate: string; key: string }> => {
    const request = ["-subj", subject, "-addext", extension, "-keyout", `${name}.key`, "-out", `${name}.csr`];
    await openssl("req", ...newKey, ...request);
    const signed = [
      "-CA",
      "ca.crt",
      "-CAkey",
      "ca.key",
      "-CAcreateserial",
      "-days",
      "3650",
      "-copy_extensions",
      "copy",
    ];
    await openssl("x509", "-req", "-in", `${name}.csr`, ...signed, "-out", `${name}.crt`);
    return { certificate: at(`${name}.crt`), key: at(`${name}.key`) };
  };
  const names = [
    ...["127.0.0.1", NODE_ADDRESS, API_SERVICE_ADDRESS].map((address) => `IP:${address}`),
    ...["localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"].map((name) => `DNS:${name}`),
  ];
  const apiServer = await issue("apiserver", "/CN=kube-apiserver", `subjectAltName=${names.join(",")}`);
  const apiServerClient = await issue("apiserver-client", "/CN=kube-apiserver", "extendedKeyUsage=clientAuth");

  await openssl("genrsa", "-out", "service-accounts.key", "2048");
  await openssl("rsa", "-in", "service-accounts.key", "-pubout", "-out", "service-accounts.pub");
  const administratorToken = randomBytes(24).toString("hex");
  await fs.writeFile(at("tokens.csv"), `${administratorToken},administrator,1,"system:masters"\n`, { mode: 0o600 });
  return {
    authority: at("ca.crt"),
    apiServer,
    apiServerClient,
    serviceAccounts: { key: at("service-accounts.key"), publicKey: at("service-accounts.pub") },
    tokens: at("tokens.csv"),
    administratorToken,
  };
}

/** A kubeconfig of the administrator that needs no other file. */
export async function writeKubeconfig(file: string, server: string, credentials: Credentials): Promise<void> {
  const authority = (await fs.readFile(credentials.authority)).toString("base64");
  const kubeconfig = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "tests", cluster: { server, "certificate-authority-data": authority } }],
    users: [{ name: "administrator", user: { token: credentials.administratorToken } }],
    contexts: [{ name: "tests", context: { cluster: "tests", user: "administrator" } }],
    "current-context": "tests",
  };
  await fs.writeFile(file, `${JSON.stringify(kubeconfig, undefined, 2)}\n`, { mode: 0o600 });
}
