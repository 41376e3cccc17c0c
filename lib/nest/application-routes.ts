/**
 * Whether Nest has come to the routes of an HTTP application. In a hybrid one the hooks of all modules may be called
 * before that, and once more: each microservice that defers its initialization calls them when it is started.
 */
export class ApplicationRoutes {
  private begun = false;

  /** Whether they are made by the time that hooks are called. */
  get areMade(): boolean {
    return this.begun;
  }

  /** Nest sets up middleware, and makes the routes next. */
  begin(): void {
    this.begun = true;
  }
}
