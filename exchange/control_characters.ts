/** What XML 1.0 has no form for: control characters but tab and the ends of lines, halves of surrogate pairs, two more. */
export const CONTROL = /[^\t\n\r\P{Cc}]|[\p{Cs}\ufffe\uffff]/u;
