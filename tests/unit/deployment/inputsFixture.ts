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
