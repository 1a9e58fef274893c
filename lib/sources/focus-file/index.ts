export { type FocusFileOptions, focusFileSource } from './focus-file.ts';
export { sourceIdOf } from './source-id.ts';
