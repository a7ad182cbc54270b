import type { createColors } from "picocolors";
import type { Severity } from "../../model/finding.ts";

type Colours = ReturnType<typeof createColors>;
/** Colours a text by what it says. */
export type Paint = (text: string, colours: Colours) => string;

/** Red where somebody should get up, yellow where somebody should look. */
export const paintSeverity: Paint = (text, colours) => {
  const paints: Readonly<Record<Severity, (text: string) => string>> = {
    critical: (severity) => colours.bold(colours.red(severity)),
    high: colours.red,
    medium: colours.yellow,
    low: colours.cyan,
    info: colours.dim,
  };
  return Object.hasOwn(paints, text) ? paints[text as Severity](text) : text;
};

/** Open stands out; what is closed steps back. */
export const paintStatus: Paint = (text, colours) => {
  if (text === "open") return colours.bold(text);
  return text === "acknowledged" ? text : colours.dim(text);
};
