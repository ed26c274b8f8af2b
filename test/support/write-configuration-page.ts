import { writeFile } from 'node:fs/promises';
import { configurationPage, PAGE } from './configuration-page.js';

await writeFile(PAGE, await configurationPage());
