import type { Portal } from './portal.ts';
export function addLeads(_portal: Portal, _files: readonly string[]): void {}
