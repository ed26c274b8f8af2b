import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

// Build step: puts the workflows into one file, so that no process has to at its start.

/** `dist/workflow-bundle.js`, beside the compiled program. */
export const bundlePath = (): string => fileURLToPath(new URL('../../workflow-bundle.js', import.meta.url));

/** Bundles the workflows from `workflows/index` (compiled or source), with what traces them, into `file`. */
export async function writeBundle(workflowsPath: string, file: string): Promise<void> {
  const tracing = workflowsPath.replace(/index(\.[jt]s)$/, 'tracing$1');
  const { code } = await bundleWorkflowCode({
    workflowsPath,
    workflowInterceptorModules: [tracing],
    logger: new DefaultLogger('WARN'),
  });
  await writeFile(file, code);
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await writeBundle(fileURLToPath(new URL('../../workflows/index.js', import.meta.url)), bundlePath());
