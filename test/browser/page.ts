import type { Material } from '../portable/material.ts';
import { runPortableSuite } from '../portable/suite.ts';
import { watchLoading } from './watched-loading.ts';

declare global {
  var certgrantSuite: typeof runPortableSuite;
  var certgrantWatchLoading: typeof watchLoading;
}

/** The page gives the suite to the test, which calls it with the material. */
globalThis.certgrantWatchLoading = watchLoading;
globalThis.certgrantSuite = (material: Material) => runPortableSuite(material);
