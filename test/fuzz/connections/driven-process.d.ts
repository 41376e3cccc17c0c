export class DrivenProcess {
  ask(question: 'memory'): Promise<{ held: number; rss: number }>;
  settled(): Promise<unknown>;
  end(): Promise<void>;
}
