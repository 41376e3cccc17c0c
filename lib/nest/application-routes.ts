/**
 * Whether Nest has made the routes of an HTTP application. In a hybrid one the hooks of all modules may be called
 * before that, and once more: each microservice that defers its initialization calls them when it is started.
 */
export class ApplicationRoutes {
  private watched = false;
  private made = false;

  /** Whether who makes them tells of it, and not only the hooks do. */
  get areWatched(): boolean {
    return this.watched;
  }

  get areMade(): boolean {
    return this.made;
  }

  /** Who makes them tells of it from now on. */
  beginWatch(): void {
    this.watched = true;
  }

  /** They are made, and nothing of the application is missing. */
  end(): void {
    this.made = true;
  }
}
