import type { ReactElement } from "react";

const PATHS = {
  undo: "M7.5 5 4 8.5 7.5 12M4 8.500h7.500a4 4 0 0 1 0 8H9",
  redo: "M12.5 5 16 8.5 12.5 12M16 8.500H8.500a4 4 0 0 0 0 8H11",
  trash: "M4 6h12M8 6V4h4v2M5.5 6l.8 10.500h7.400L14.5 6M8.5 9v4.500M11.5 9v4.5",
  eye: "M2 10s3-5 8-5 8 5 8 5-3 5-8 5-8-5-8-5M10 12.200a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4",
  hidden: "M2 10s3-5 8-5 8 5 8 5-3 5-8 5-8-5-8-5M3.5 16.500l13-13",
  download: "M10 3v9M6.5 9 10 12.5 13.5 9M4 16.500h12",
  plus: "M10 4v12M4 10h12",
  minus: "M4 10h12",
  fit: "M3.5 7.500v-4h4M16.5 7.500v-4h-4M3.5 12.500v4h4M16.5 12.500v4h-4",
  close: "M5 5l10 10M15 5 5 15",
  warning: "M10 3 2.5 16.500h15zM10 8v4M10 14.200v.2",
  check: "M4.5 10.5 8.5 14.5 15.5 6",
  previous: "M12.5 4.5 7 10l5.5 5.5",
  next: "M7.5 4.5 13 10l-5.5 5.5",
} as const;

/** A line drawing of 20 x 20; what it means is said by the control that holds it. */
export function Icon({ name, path }: { name?: keyof typeof PATHS; path?: string }): ReactElement {
  return (
    <svg className="icon" viewBox="0 0 20 20" aria-hidden="true">
      <path d={path ?? (name && PATHS[name])} />
    </svg>
  );
}
