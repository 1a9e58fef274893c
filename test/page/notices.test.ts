import { expect, test } from 'vitest';
import { pageScript } from '../../lib/run/page-script.ts';

test('the script carries what the licences of its parts ask for, wherever the page is sent', async () => {
  const script = await pageScript();
  for (const line of [
    'This product includes software developed at\nThe Apache Software Foundation (https://www.apache.org/).',
    'Licensed under the Apache License, Version 2.0',
    'Copyright (c) 2017, Baidu Inc.',
    'Mike Bostock',
    'IN NO EVENT SHALL THE COPYRIGHT HOLDER',
  ])
    expect(script).toContain(line);
});
