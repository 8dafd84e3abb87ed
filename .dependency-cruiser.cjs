/** A folder of provider/ that may use these of the others alone, and the root of errors. */
function usesOnly(folder, ...others) {
  return {
    name: `what-${folder}-may-use`,
    severity: "error",
    from: { path: `^provider/${folder}/` },
    to: { path: `^provider/(?!errors\\.ts|(${[folder, ...others].join("|")})/)` },
  };
}

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
      name: "provider-knows-no-components",
      severity: "error",
      from: { path: "^provider" },
      to: { path: "^components" },
    },
    {
      name: "resources-run-in-the-program",
      severity: "error",
      comment: "what runs in the provider's process is a type there",
      from: { path: "^provider/resources/" },
      to: {
        path: "^provider/(?!errors\\.ts|(resources|checks|values)/|deployment/schema\\.ts)",
        dependencyTypesNot: ["type-only"],
      },
    },
    {
      name: "access-knows-the-types-of-resources",
      severity: "error",
      from: { path: "^provider/access/" },
      to: { path: "^provider/resources/", dependencyTypesNot: ["type-only"] },
    },
    usesOnly("access", "flink", "resources", "values"),
    usesOnly("artifacts", "values"),
    usesOnly("checks", "values"),
    usesOnly("engine", "values"),
    usesOnly("identity", "values"),
    usesOnly("local", "values"),
    usesOnly("values"),
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
