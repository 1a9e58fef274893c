import chromium from '@sparticuz/chromium';
import type { TestProject } from 'vitest/node';

/** Chromium as a npm package ships it, unpacked; `playwright-core` drives it. */
export async function unpackBrowser(): Promise<{ executablePath: string; args: string[] }> {
  return { executablePath: await chromium.executablePath(), args: chromium.args };
}

export default async function setup(project: TestProject): Promise<void> {
  project.provide('browser', await unpackBrowser());
}
