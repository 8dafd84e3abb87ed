/**
 * Builds a route from literal parts and values that each fill one path segment or query value.
 *
 * @throws {TypeError} for a value that would change the path's structure even when encoded.
 */
export function route(parts: TemplateStringsArray, ...values: string[]): string {
  return parts.reduce((path, part, index) => path + segment(values[index - 1] ?? "") + part);
}

/**
 * A jar's id for {@link route}. Flink decodes it twice: `a+b.jar` would be looked for as `a b.jar`, and
 * what follows a `#` or `?` would be lost.
 */
export function jarSegment(jarId: string): string {
  return /[%+#?]/.test(jarId) ? encodeURIComponent(jarId) : jarId;
}

function segment(value: string): string {
  // Proxies resolve dot segments, encoded or not; an empty one names the collection instead of the item.
  if (value === "" || value === "." || value === "..") {
    throw new TypeError(`${JSON.stringify(value)} cannot be an id`);
  }
  return encodeURIComponent(value);
}
