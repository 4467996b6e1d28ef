/*
 * What is loaded when something is to be explained: the catalogue and what reads it. All users import this one module, so
 * that a bundle has the catalogue once.
 */
export { explainGraphRefusal } from './explain-graph-refusal.ts';
export { explainPieces } from './explain-pieces.ts';
export { explainRefusal } from './explain-refusal.ts';
