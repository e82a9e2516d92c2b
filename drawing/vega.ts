/**
 * Vega and Vega-Lite, the part that draws. The build puts a bundle in the place of this file (`tools/build.js`), so that
 * the package is installed without them and their sixty dependencies; nothing else names them but for a type.
 */
export { Error as LOG_ERRORS, parse, View } from 'vega';
export { compile } from 'vega-lite';
