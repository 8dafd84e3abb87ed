import { engineAddress } from "./address";

/**
 * Ends this provider's process as soon as nobody reads what it prints: its Pulumi process was killed.
 *
 * Pulumi's host prints errors that nobody caught, and a line that cannot be printed is such an error: without this, the
 * first line of an orphan would keep a processor busy for ever.
 */
export function endWhenUnread(): void {
  if (engineAddress() === undefined || watched) return;
  watched = true;
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => process.exit(1));
}

let watched = false;
