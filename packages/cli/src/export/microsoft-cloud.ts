import { cloudOf } from '@certgrant/core';
import type { ExportSettings } from './format.ts';

/**
 * Whether the authority is one of Microsoft's clouds. The MSALs ask Microsoft about any other one before they trust it
 * (instance discovery), so a program for another one has to switch that off.
 */
export function isMicrosoftCloud({ authority }: ExportSettings): boolean {
  return cloudOf(authority) !== undefined;
}
