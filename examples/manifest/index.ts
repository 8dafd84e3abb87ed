import * as pulumi from "@pulumi/pulumi";
import { manifest } from "./program";

const config = new pulumi.Config();

const outputs = manifest({
  file: config.get("file") ?? "session-mode.yaml",
  flinkVersion: config.get("flinkVersion") ?? "1.20.0",
  jar: config.require("jar"),
});

export const states = outputs.states;
export const flink = outputs.flink;
