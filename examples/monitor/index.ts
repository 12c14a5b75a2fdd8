import { bus } from 'burgeon:cap/bus' with { topics: 'alerts.*', verbs: 'publish' };
import 'burgeon:cap/bus' with { topics: 'metrics.*', verbs: 'subscribe' };
import { clock } from 'burgeon:cap/clock';
import { contentType, exposition } from './exposition.ts';
import { failure } from './failure.ts';
import { type Memory, memoryOf } from './memory.ts';
import { type GivenSample, type MetricsMessage, samplesIn } from './messages.ts';
import { type Alert, checkRules, evaluate, type Rule, type RuleState } from './rules.ts';
import { type Labels, type Series, SeriesTable } from './series.ts';
import { type Statistics, statisticsOf } from './statistics.ts';

let table = new SeriesTable();
let rules: Rule[] = [];
let states: RuleState[] = [];

const usualWindowMs = 300_000;

/** The clock is asked only where no time was given. */
const timeOf = async (given: number | undefined): Promise<number> => given ?? (await clock.now());

const record = async (samples: readonly GivenSample[]): Promise<{ recorded: number }> => {
  const now = samples.every(({ atMs }) => atMs !== undefined) ? 0 : await clock.now();
  table.record(samples.map(({ atMs = now, ...sample }) => ({ ...sample, atMs })));
  return { recorded: samples.length };
};

/** Tells on the bus what changed; false where there is no bus. */
const publish = async (alert: Alert): Promise<boolean> => {
  try {
    await bus.publish(`alerts.${alert.name}`, alert);
    return true;
  } catch (error) {
    console.warn(`The alert ${alert.name} was not published: ${String(error)}`);
    return false;
  }
};

const alerts = async (atMs: number | undefined): Promise<{ alerts: Alert[]; changes: (Alert & { published: boolean })[] }> => {
  const now = await timeOf(atMs);
  const looked = evaluate(rules, states, table, now);
  // Before anything is awaited, so that of two looks at once only one tells of a change.
  states = looked.states;
  const changes = await Promise.all(looked.changes.map(async (alert) => ({ ...alert, published: await publish(alert) })));
  return { alerts: looked.alerts, changes };
};

/** What `statistics` gives for one series. */
type SeriesStatistics = Statistics & Pick<Series, 'metric' | 'kind' | 'labels'>;

const statistics = async (input: {
  metric: string;
  labels?: Labels;
  windowMs?: number;
  atMs?: number;
}): Promise<{ series: SeriesStatistics[] }> => {
  const { metric, labels, windowMs = usualWindowMs, atMs } = input;
  const found = table.find(metric, labels);
  if (found.length === 0) throw failure('metric', `There is no series of ${metric}.`);
  const window = { toMs: await timeOf(atMs), windowMs };
  return {
    series: found.map((series) => ({
      metric: series.metric,
      kind: series.kind,
      labels: series.labels,
      ...statisticsOf(series, window),
    })),
  };
};

/** What this module can do; the table in plugin.json describes the same. */
export const operations = {
  record: async ({ samples }: { samples: GivenSample[] }): Promise<{ recorded: number }> => record(samples),
  statistics,
  setRules: async (input: { rules: Rule[] }): Promise<{ rules: number }> => {
    checkRules(input.rules);
    rules = input.rules;
    states = states.filter(({ name }) => rules.some((rule) => rule.name === name));
    return { rules: rules.length };
  },
  alerts: async ({ atMs }: { atMs?: number }): Promise<Awaited<ReturnType<typeof alerts>>> => alerts(atMs),
  metrics: async (): Promise<{ contentType: string; text: string }> => ({ contentType, text: exposition(table.all, states) }),
};

/** Takes samples from the bus: on `metrics.NAME` a value, a sample, or a list of them. */
export const message = async (topic: string, body: MetricsMessage): Promise<{ recorded: number }> =>
  record(samplesIn(topic, body));

/** What is kept when the module is loaded anew. */
export const snapshot = async (): Promise<Memory> => ({ series: table.all, rules, states });

/** Goes on where a snapshot was taken. @throws an error with `data.code` "state" when it is no state of this module */
export const restore = async (state: unknown): Promise<void> => {
  ({ table, rules, states } = memoryOf(state));
};
