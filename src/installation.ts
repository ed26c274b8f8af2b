import type { Client } from '@temporalio/client';

/** The id that Temporal made up for this client's namespace when that was registered; no other installation has it. */
export async function installationOf(temporal: Client): Promise<string> {
  const { namespace } = temporal.options;
  const { namespaceInfo } = await temporal.workflowService.describeNamespace({ namespace });
  if (!namespaceInfo?.id) throw new Error(`Temporal does not tell the id of its namespace ${namespace}`);
  return namespaceInfo.id;
}
