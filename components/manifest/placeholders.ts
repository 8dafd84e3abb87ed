/** Why a value cannot be used as it is written; undefined: it can. */
export function explainPlaceholder(value: string): string | undefined {
  const found = /\$\{[^}]*\}|\{\{[^}]*\}\}/.exec(value)?.[0];
  return found === undefined
    ? undefined
    : `holds ${found}, which only the platform fills in; write what it stands for, or take it out`;
}
