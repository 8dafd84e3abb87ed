import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { canonicalJson } from "../../provider/values/canonicalJson";
import type { FlinkClusterArgs } from "./args";
import { contentName, namesOf, ROLES, type Role } from "./names";
import * as objects from "./objects";
import { storageKeys } from "./settle";
import type { ClusterSpec } from "./spec";
import { SECRET_KEYS } from "./storage";
import type { JsonObject } from "./strategicMerge";

/** Makes a cluster's Kubernetes objects, each as a resource under the component. */
export class ClusterObjects {
  /** All that were made. */
  readonly made: pulumi.Resource[] = [];

  constructor(
    private readonly name: string,
    private readonly child: pulumi.CustomResourceOptions,
    private readonly at: pulumi.Output<objects.ObjectIdentity>,
    private readonly args: FlinkClusterArgs,
  ) {}

  /** The keys of the storage; returns the object's name. */
  storageSecret(keysHash: pulumi.Output<string>): pulumi.Output<string> {
    const keys = storageKeys(this.args);
    const stringData = {
      [SECRET_KEYS.accessKeyId]: pulumi.secret(keys?.accessKeyId ?? ""),
      [SECRET_KEYS.secretAccessKey]: pulumi.secret(keys?.secretAccessKey ?? ""),
    };
    const { objectName, metadata } = this.byContent("storage", keysHash);
    this.add(new k8s.core.v1.Secret(`${this.name}-storage`, { metadata, immutable: true, stringData }, this.child));
    return objectName;
  }

  /** Flink's and the logging's files; returns the object's name. */
  configMap(files: pulumi.Output<Record<string, string>>): pulumi.Output<string> {
    const { objectName, metadata } = this.byContent("config", files.apply(canonicalJson));
    this.add(new k8s.core.v1.ConfigMap(`${this.name}-config`, { metadata, immutable: true, data: files }, this.child));
    return objectName;
  }

  /** Returns that of REST. */
  services(): k8s.core.v1.Service {
    const make = (name: string, of: (at: objects.ObjectIdentity) => JsonObject) =>
      this.add(new k8s.core.v1.Service(name, this.fields(this.at.apply(of), "spec"), this.child));
    make(`${this.name}-jobmanager`, objects.jobManagerServiceOf);
    return make(`${this.name}-rest`, objects.restServiceOf);
  }

  /** The pods' service account, with what high availability may do; returns its name. */
  account(spec: pulumi.Output<ClusterSpec>, namespace: pulumi.Output<string>): pulumi.Output<string> {
    const { kubernetes, storage, highAvailability } = this.args;
    const account = pulumi.output(
      kubernetes?.serviceAccountName ?? this.at.apply(({ clusterId }) => namesOf(clusterId).account),
    );
    if (kubernetes?.serviceAccountName === undefined) {
      const of = pulumi
        .all([this.at, spec])
        .apply(([at, known]) => objects.serviceAccountOf(at, known.serviceAccountAnnotations));
      this.add(new k8s.core.v1.ServiceAccount(`${this.name}-account`, this.fields(of), this.child));
    }
    if ((highAvailability ?? storage !== undefined) && kubernetes?.rbac !== false) {
      const role = this.at.apply(objects.roleOf);
      const binding = pulumi
        .all([this.at, account, namespace])
        .apply(([at, name, space]) => objects.roleBindingOf(at, name, space));
      this.add(new k8s.rbac.v1.Role(`${this.name}-role`, this.fields(role, "rules"), this.child));
      this.add(
        new k8s.rbac.v1.RoleBinding(`${this.name}-role`, this.fields(binding, "roleRef", "subjects"), this.child),
      );
    }
    return account;
  }

  networkPolicy(): void {
    const { networkPolicy } = this.args;
    if (networkPolicy === false) return;
    const cidrs = pulumi.output(networkPolicy?.apiServerCidrs ?? this.apiServerAddresses());
    const peers = pulumi.output<unknown>(networkPolicy?.from ?? []);
    const of = pulumi
      .all([this.at, peers, cidrs])
      .apply(([at, from, blocks]) => objects.networkPolicyOf(at, from as JsonObject[], blocks));
    this.add(new k8s.networking.v1.NetworkPolicy(`${this.name}-network`, this.fields(of, "spec"), this.child));
  }

  disruptionBudgets(): void {
    for (const role of ROLES) {
      const of = this.at.apply((at) => objects.disruptionBudgetOf(at, role));
      this.add(new k8s.policy.v1.PodDisruptionBudget(`${this.name}-${role}`, this.fields(of, "spec"), this.child));
    }
  }

  /** After all that was made before. */
  deployments(spec: pulumi.Output<ClusterSpec>, templates: pulumi.Output<Record<Role, JsonObject>>): void {
    const opts = { ...this.child, dependsOn: [...this.made] };
    for (const role of ROLES) {
      const of = pulumi
        .all([this.at, spec, templates])
        .apply(([at, known, both]) => objects.deploymentOf(at, role, objects.replicasOf(known, role), both[role]));
      this.add(new k8s.apps.v1.Deployment(`${this.name}-${role}`, this.fields(of, "spec"), opts));
    }
  }

  ingress(): void {
    const { ingress } = this.args;
    if (ingress === undefined) return;
    const of = pulumi.all([this.at, ingress]).apply(([at, given]) => objects.ingressOf(at, given));
    this.add(new k8s.networking.v1.Ingress(`${this.name}-ingress`, this.fields(of, "spec"), this.child));
  }

  private apiServerAddresses(): pulumi.Output<string[]> {
    const { EndpointSlice } = k8s.discovery.v1;
    const slice = EndpointSlice.get(`${this.name}-apiserver`, "default/kubernetes", this.child);
    return slice.endpoints.apply((endpoints) => objects.cidrsOf(endpoints.flatMap(({ addresses }) => addresses)));
  }

  private add<T extends pulumi.Resource>(resource: T): T {
    this.made.push(resource);
    return resource;
  }

  /** The name of an object by what is in it, which is no secret, and its metadata. */
  private byContent(what: string, content: pulumi.Output<string>) {
    const objectName = pulumi.unsecret(
      pulumi.all([this.at, content]).apply(([{ clusterId }, text]) => contentName(clusterId, what, text)),
    );
    const of = pulumi
      .all([this.at, objectName])
      .apply(([at, own]): JsonObject => ({ metadata: objects.metadataOf(at, own) }));
    return { objectName, ...this.fields(of) };
  }

  /** An object's fields as arguments of its resource: each an output, so that those that are known show in a preview. */
  private fields<K extends string = never>(object: pulumi.Output<JsonObject>, ...names: K[]) {
    const of = <T>(read: (known: JsonObject) => unknown) => object.apply(read) as pulumi.Output<T>;
    const meta = <T>(field: string) => of<T>(({ metadata }) => (metadata as JsonObject)[field]);
    const metadata = {
      name: meta<string>("name"),
      namespace: meta<string>("namespace"),
      labels: meta<Record<string, string>>("labels"),
      annotations: meta<Record<string, string>>("annotations"),
    };
    // What each resource takes is its own type; the API server checks what it is given.
    const rest = Object.fromEntries(names.map((name) => [name, of<never>((known) => known[name])]));
    return { metadata, ...(rest as Record<K, pulumi.Output<never>>) };
  }
}
