// How tables look: columns two spaces apart, and no boxes, which cli-table3 draws unless every piece of them is empty.
const NO_BOXES = Object.fromEntries(
  ["top", "bottom", "left", "right", "mid"].flatMap((side) =>
    [side, `${side}-mid`, `${side}-left`, `${side}-right`, `${side}-mid-mid`].map((piece) => [piece, ""]),
  ),
);

export const plainTable = {
  chars: { ...NO_BOXES, middle: "  " },
  style: { head: [] as string[], border: [] as string[], "padding-left": 0, "padding-right": 0 },
};
