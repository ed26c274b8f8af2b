import { defineConfig } from 'vitest/config';
import base from './vitest.config.js';

// `npm run histories`: runs every situation and writes its histories into test/replay/histories.
export default defineConfig({ ...base, test: { ...base.test, include: ['test/replay/record-*.ts'] } });
