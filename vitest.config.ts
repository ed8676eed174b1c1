// Untracked: lets a bare `npx vitest run` find the settings.
export { default } from './test/vitest.config.ts';
