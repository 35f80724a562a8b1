/** One alert, declared once: Prometheus rules, the Kubernetes PrometheusRule and the runbooks' index are derived from it. */
export interface Alert {
  readonly name: string;
  /** PromQL over metrics that Plaza really has. */
  readonly expr: string;
  /** How long it must hold, as Prometheus writes it: `5m`. */
  readonly for: string;
  readonly severity: 'page' | 'ticket';
  /** One sentence for who is woken by it. */
  readonly summary: string;
  /** File below docs/runbooks/, without `.md`. */
  readonly runbook: string;
}

export const ALERTS: readonly Alert[] = [];
