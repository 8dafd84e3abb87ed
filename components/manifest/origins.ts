/** Which part of a document an argument comes from, so that what is wrong with one is said of the other. */
export class Origins {
  private readonly paths = new Map<string, string>();

  say(argument: string, path: string): void {
    this.paths.set(argument, path);
  }

  /** The document's path for an argument's, such as `kubernetes.podTemplate.metadata`. */
  of(property: string): string {
    const argument = [...this.paths.keys()]
      .filter(
        (name) =>
          property === name || ([".", "["].includes(property.slice(name.length)[0] ?? "") && property.startsWith(name)),
      )
      .sort((a, b) => b.length - a.length)[0];
    return argument === undefined ? property : `${this.paths.get(argument)}${property.slice(argument.length)}`;
  }
}
