import { tls } from '../../support/certificates.js';
import { gate } from '../../support/events.js';

/** A default TLS that answers nothing from some moment on, until the test does. */
export class SilentTls {
  /** Opens when it is asked in its silence. */
  readonly asked = gate();
  readonly answer = gate<typeof tls>();
  private isSilent = false;

  readonly tls = (): typeof tls | Promise<typeof tls> => {
    if (!this.isSilent) return tls;
    this.asked.open();
    return this.answer.opened;
  };

  beSilent(): void {
    this.isSilent = true;
  }
}
