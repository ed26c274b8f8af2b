import type { CustomizationJob, StatusLog } from './customization-job.js';

/** What the pods of a job would have said: its own account of its states and of every step that it logged. */
export function containerLogsOf({ id, status, status_details, config_snapshot }: CustomizationJob) {
  const { status_logs, metrics, steps_completed } = status_details;
  const steps = Object.entries(metrics.metrics).flatMap(([metric, points]) =>
    points.map(({ step, timestamp, value }) => ({ at: timestamp, text: `step ${step}: ${metric} ${value}` })),
  );
  const states = status_logs.map(({ updated_at, message, detail }) => ({
    at: updated_at,
    text: detail === undefined ? message : `${message}: ${detail}`,
  }));
  const lines = [...states, ...steps].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  return {
    entries: {
      [`${id}-training`]: {
        object: `training of ${config_snapshot.base_model}`,
        status: { phase: status, steps_completed },
        // By container.
        logs: { training: lines.map(({ at, text }) => `${at} ${text}`).join('\n') },
        events: status_logs.map(toEvent),
      },
    },
    error: null,
  };
}

function toEvent({ updated_at, message, detail }: StatusLog) {
  const seen = Math.floor(Date.parse(`${updated_at}Z`) / 1000);
  return {
    // Text, as the platform's own libraries read it.
    count: '1',
    first_seen: seen,
    last_seen: seen,
    message: detail ?? message,
    reason: message,
    type: detail === undefined ? 'Normal' : 'Warning',
  };
}
