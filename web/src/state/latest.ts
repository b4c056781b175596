/**
 * Ask for the latest only: at most one request is in flight; of those that come meanwhile only the newest is kept; answers to
 * anything asked before `cancel` are dropped.
 */
export class Latest<Question, Answer> {
  private busy = false;
  private waiting: { question: Question } | null = null;
  private era = 0;

  constructor(
    private readonly ask: (question: Question) => Promise<Answer>,
    private readonly answered: (answer: Answer, question: Question) => void,
    private readonly failed: (error: unknown, question: Question) => void,
    private readonly working: (busy: boolean) => void = () => undefined,
  ) {}

  request(question: Question): void {
    this.waiting = { question };
    if (!this.busy) void this.run();
  }

  /** Forget what waits and drop the answer under way. */
  cancel(): void {
    this.waiting = null;
    this.era++;
  }

  private async run(): Promise<void> {
    this.busy = true;
    this.working(true);
    while (this.waiting) {
      const { question } = this.waiting;
      const era = this.era;
      this.waiting = null;
      try {
        const answer = await this.ask(question);
        if (era === this.era) this.answered(answer, question);
      } catch (error) {
        if (era === this.era) this.failed(error, question);
      }
    }
    this.busy = false;
    this.working(false);
  }
}
