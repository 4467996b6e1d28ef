import { readFileSync } from 'node:fs';
import process from 'node:process';
import type { Material } from '../portable/material.ts';
import { runPortableSuite } from '../portable/suite.ts';

/** Runs the portable suite with the material in the file that is named as the only argument. */
const material = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Material;
console.log(JSON.stringify(await runPortableSuite(material)));
