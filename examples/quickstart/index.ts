import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { exampleJar } from "./exampleJar";
import { quickstart } from "./program";

const config = new pulumi.Config();
const flinkVersion = config.get("flinkVersion") ?? "1.20.0";

const outputs = quickstart({
  flinkVersion,
  jar: config.get("jar") ?? exampleJar(flinkVersion, path.join(process.cwd(), ".pulumi-flink")),
  windowSize: config.getNumber("windowSize") ?? 10,
  state: config.get<"RUNNING" | "SUSPENDED" | "CANCELLED">("state") ?? "RUNNING",
  restartDelay: config.get("restartDelay") ?? "1 s",
});

export const state = outputs.state;
export const flink = outputs.flink;
export const onDelete = outputs.onDelete;
