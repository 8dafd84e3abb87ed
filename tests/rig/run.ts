import type { EngineEvent, OpMap, OpType } from "@pulumi/pulumi/automation";

/** The two halves of `pulumi up`; the rest is update. */
export type Phase = "preview" | "update";

/** A line that the engine showed. */
export interface Diagnostic {
  phase: Phase;
  /** Undefined: a line of no resource. */
  urn: string | undefined;
  severity: "info" | "info#err" | "warning" | "error";
  message: string;
  /** A line that the next one replaces on a terminal. */
  ephemeral: boolean;
}

/** A step that the engine took, in the order in which the steps ended. */
export interface Step {
  phase: Phase;
  op: OpType;
  urn: string;
  failed: boolean;
}

/** What one operation did, failed or not. */
export interface Run {
  /** Undefined: it succeeded; else everything that the CLI printed. */
  failure: string | undefined;
  stdout: string;
  diagnostics: Diagnostic[];
  steps: Step[];
  /**
   * What the engine reported, one event a line, as its event log has it. Debug lines are left out: there Pulumi's own
   * SDK writes every argument of every resource in clear.
   */
  eventLog: string;
  /** The engine's own count by kind of operation, of the last phase. */
  changes: OpMap;
  /** The lines on the rows of the resources with this name, ephemeral ones included. */
  messages(resource: string, phase?: Phase): string[];
  /** What was done to the resources with this name, in order: `["create"]`. */
  operations(resource: string, phase?: Phase): OpType[];
}

/** Collects the engine's events; the first summary ends the preview phase. */
export class EventRecord {
  private readonly diagnostics: Diagnostic[] = [];
  private readonly steps: Step[] = [];
  private readonly events: string[] = [];
  private changes: OpMap = {};

  constructor(private phase: Phase) {}

  add(event: EngineEvent): void {
    const { diagnosticEvent, resOutputsEvent, resOpFailedEvent, summaryEvent } = event;
    if ((diagnosticEvent?.severity as string | undefined) !== "debug") this.events.push(JSON.stringify(event));
    if (diagnosticEvent && (diagnosticEvent.severity as string) !== "debug") {
      const { urn, severity, message, ephemeral = false } = diagnosticEvent;
      const text = message.replaceAll(/<\{%[^%]*%\}>/g, "").trimEnd();
      this.diagnostics.push({ phase: this.phase, urn: urn || undefined, severity, message: text, ephemeral });
    }
    const step = resOutputsEvent ?? resOpFailedEvent;
    if (step) {
      const { op, urn } = step.metadata;
      this.steps.push({ phase: this.phase, op, urn, failed: resOpFailedEvent !== undefined });
    }
    if (summaryEvent) {
      this.changes = summaryEvent.resourceChanges;
      this.phase = "update";
    }
  }

  run(stdout: string, failure: string | undefined): Run {
    const { diagnostics, steps, changes } = this;
    const matches = (name: string, phase?: string) => (entry: { urn: string | undefined; phase: string }) =>
      entry.urn !== undefined && nameOf(entry.urn) === name && (phase === undefined || phase === entry.phase);
    return {
      failure,
      stdout,
      diagnostics,
      steps,
      changes,
      eventLog: this.events.join("\n"),
      messages: (name, phase) => diagnostics.filter(matches(name, phase)).map(({ message }) => message),
      operations: (name, phase) => steps.filter(matches(name, phase)).map(({ op }) => op),
    };
  }
}

/** The last part of a URN: the name that the program gave. */
export function nameOf(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}
