/** The layers of the package, as CONTRIBUTING.md draws them. */
module.exports = {
  forbidden: [
    { name: "no-circular", severity: "error", from: {}, to: { circular: true } },
    {
      name: "no-orphans-from-tests",
      severity: "error",
      comment: "what ships never depends on tests",
      from: { path: "^(index\\.ts|provider|components)" },
      to: { path: "^(tests|tools|examples)" },
    },
    {
      name: "lifecycle-is-pure",
      severity: "error",
      comment: "observe, plan, execute know nothing of Pulumi, HTTP, Kubernetes or files",
      from: { path: "^provider/lifecycle" },
      to: { path: "(node_modules/(@pulumi|undici|@kubernetes)|^provider/(?!lifecycle|values|errors))" },
    },
    {
      name: "flink-client-knows-no-deployments",
      severity: "error",
      from: { path: "^provider/flink" },
      to: { path: "(node_modules/@pulumi|^provider/(?!flink|values|errors))" },
    },
    {
      name: "components-use-public-provider-classes",
      severity: "error",
      comment: "and what both check arguments with",
      from: { path: "^components" },
      to: {
        path: "^provider/",
        pathNot: "^provider/(resources/|values/|checks/|errors\\.ts)",
      },
    },
    {
      name: "documents-are-read-without-pulumi",
      severity: "error",
      from: { path: "^components/manifest" },
      to: { path: "node_modules/@pulumi", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "checks-know-no-resource",
      severity: "error",
      from: { path: "^provider/checks" },
      to: { path: "^provider/(?!checks|values)" },
    },
    {
      name: "no-dev-dependencies",
      severity: "error",
      from: { path: "^(index\\.ts|provider|components)" },
      to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only", "npm-peer"] },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    exclude: { path: "^bin/" },
  },
};
