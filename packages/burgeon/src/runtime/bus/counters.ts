/** What the bus counts, in the Prometheus text format. */
export interface BusCounters {
  /** Counts one message at one receiver. `topic` is the id of a channel, so that there are no more series than signed manifests name. */
  count(topic: string, outcome: string): void;
  /** All series. `depths`: how many messages wait for each module. @see https://prometheus.io/docs/instrumenting/exposition_formats/ */
  text(depths: Iterable<readonly [module: string, depth: number]>): string;
}

const label = (value: string): string => value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

/** Makes empty counters. */
export const createBusCounters = (): BusCounters => {
  const byTopic = new Map<string, Map<string, number>>();
  return {
    count: (topic, outcome) => {
      let outcomes = byTopic.get(topic);
      if (outcomes === undefined) byTopic.set(topic, (outcomes = new Map()));
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    },
    text: (depths) => {
      const lines = ['# TYPE burgeon_bus_messages_total counter'];
      for (const [topic, outcomes] of byTopic)
        for (const [outcome, count] of outcomes)
          lines.push(`burgeon_bus_messages_total{topic="${label(topic)}",outcome="${outcome}"} ${count}`);
      lines.push('# TYPE burgeon_bus_queue_depth gauge');
      for (const [module, depth] of depths) lines.push(`burgeon_bus_queue_depth{module="${label(module)}"} ${depth}`);
      return `${lines.join('\n')}\n`;
    },
  };
};
