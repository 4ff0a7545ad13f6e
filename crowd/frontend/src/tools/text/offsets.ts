// The browser counts UTF-16 units, the server code points. Offsets are turned at this border and nowhere else.

/** Code points before a UTF-16 offset. */
export const points = (text: string, units: number): number => [...text.slice(0, units)].length;

/** UTF-16 units before a code point offset. */
export const units = (text: string, offset: number): number => [...text].slice(0, offset).join("").length;
