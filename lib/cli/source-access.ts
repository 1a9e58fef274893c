import { assembleSourceAccess } from '../run/assemble/source-access.ts';
import { accessText, readerTemplate } from '../run/source-access.ts';
import { type CommonOptions, print } from './io.ts';

/** `bursar source-access NAME`: what the owner of a bill must allow, in words or as a stack. Asks no cloud. */
export async function sourceAccess(name: string, options: CommonOptions): Promise<void> {
  const access = await assembleSourceAccess(options.config ?? null, name);
  await print(options.format === 'cloudformation' ? readerTemplate(access) : accessText(access), options);
}
