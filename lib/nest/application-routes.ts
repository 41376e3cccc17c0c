/**
 * Whether Nest has made the routes of an HTTP application. In a hybrid one the hooks of all modules may be called
 * before that, and once more: each microservice that defers its initialization calls them when it is started.
 */
export class ApplicationRoutes {
  /** Whether who makes them tells of it, and not only the hooks do. */
  areWatched = false;
  private made = false;

  get areMade(): boolean {
    return this.made;
  }

  /** They are made, and nothing of the application is missing. */
  end(): void {
    this.made = true;
  }
}
