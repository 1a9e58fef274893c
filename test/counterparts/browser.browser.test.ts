import { chromium } from 'playwright-core';
import { expect, inject, test } from 'vitest';

test('Chromium shows a page and runs its script', async () => {
  const browser = await chromium.launch(inject('browser'));
  const page = await browser.newPage();
  await page.setContent('<h1>Spend</h1><script>document.title = "ran"</script>');
  expect(await page.getByRole('heading').textContent()).toBe('Spend');
  expect(await page.title()).toBe('ran');
  await browser.close();
});
