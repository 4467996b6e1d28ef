import type { Material } from '../portable/material.ts';
import { runPortableSuite } from '../portable/suite.ts';

declare global {
  var certgrantSuite: typeof runPortableSuite;
}

/** The page gives the suite to the test, which calls it with the material. */
globalThis.certgrantSuite = (material: Material) => runPortableSuite(material);
