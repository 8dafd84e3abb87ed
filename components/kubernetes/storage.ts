import type { ClusterSpec, StorageSpec } from "./spec";
import type { JsonObject } from "./strategicMerge";

const S3 = ["s3", "s3a", "s3p"];

/** The plugin of Flink's distribution for each scheme; undefined: Flink can do without. */
const PLUGINS: Readonly<Record<string, string | undefined>> = {
  s3: "flink-s3-fs-presto",
  s3p: "flink-s3-fs-presto",
  s3a: "flink-s3-fs-hadoop",
  gs: "flink-gs-fs-hadoop",
  abfs: "flink-azure-fs-hadoop",
  abfss: "flink-azure-fs-hadoop",
  wasb: "flink-azure-fs-hadoop",
  wasbs: "flink-azure-fs-hadoop",
  oss: "flink-oss-fs-hadoop",
  hdfs: undefined,
  file: undefined,
};

export const STORAGE_SCHEMES: readonly string[] = Object.keys(PLUGINS);

/** The name of the volume that storage is on. */
export const STORAGE_VOLUME = "flink-storage";

/** Names of the keys in a Secret that is made for a cluster. */
export const SECRET_KEYS = { accessKeyId: "accessKeyId", secretAccessKey: "secretAccessKey" } as const;

/** The official image's entrypoint puts these jars of its `opt` folder, parted by `;`, where Flink finds plugins. */
export const PLUGINS_VARIABLE = "ENABLE_BUILT_IN_PLUGINS";

export function schemeOf(uri: string): string {
  return (/^([a-z][a-z0-9+.-]*):/i.exec(uri)?.[1] ?? "").toLowerCase();
}

export function isS3(uri: string): boolean {
  return S3.includes(schemeOf(uri));
}

/** The path of a `file:` address. */
export function pathOf(uri: string): string {
  return uri.replace(/^file:(\/\/)?/i, "").replace(/(?<=.)\/+$/, "");
}

/** Where each kind of data goes. */
export function directoriesOf({ uri }: StorageSpec): Record<"checkpoints" | "savepoints" | "highAvailability", string> {
  const root = uri.replace(/\/+$/, "");
  return {
    checkpoints: `${root}/checkpoints`,
    savepoints: `${root}/savepoints`,
    highAvailability: `${root}/high-availability`,
  };
}

/** Flink's settings for the store itself. */
export function storageSettings({ endpoint, pathStyleAccess }: StorageSpec): Record<string, string> {
  return {
    ...(endpoint === undefined ? {} : { "s3.endpoint": endpoint }),
    ...(pathStyleAccess === undefined ? {} : { "s3.path.style.access": String(pathStyleAccess) }),
  };
}

/** The file name of the plugin's jar, which carries Flink's version. */
function pluginJar({ storage, flinkVersion }: ClusterSpec): string | undefined {
  if (storage === undefined || storage.plugin === false) return undefined;
  const plugin = storage.plugin ?? PLUGINS[schemeOf(storage.uri)];
  return plugin === undefined ? undefined : `${plugin}-${flinkVersion}.jar`;
}

/** Environment variables that the store needs. */
export function storageVariables(spec: ClusterSpec, secretName: string | undefined): JsonObject[] {
  const { storage } = spec;
  const jar = pluginJar(spec);
  const secret = storage?.secret ?? (secretName === undefined ? undefined : { name: secretName, ...SECRET_KEYS });
  const fromSecret = (key: string): JsonObject => ({ secretKeyRef: { name: secret?.name, key } });
  return [
    ...(jar === undefined ? [] : [{ name: PLUGINS_VARIABLE, value: jar }]),
    ...(storage?.region === undefined ? [] : [{ name: "AWS_REGION", value: storage.region }]),
    ...(secret === undefined
      ? []
      : [
          { name: "AWS_ACCESS_KEY_ID", valueFrom: fromSecret(secret.accessKeyId) },
          { name: "AWS_SECRET_ACCESS_KEY", valueFrom: fromSecret(secret.secretAccessKey) },
        ]),
  ];
}
