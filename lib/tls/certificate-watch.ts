import { FileWatch } from './file-watch.js';
import { firstEnd, nameOf, untimelyOf, type TlsMaterial } from './tls-material.js';

/** Whom certificates are watched for. */
interface CertificateOwner {
  /** Reads the files anew, and serves with what they hold; rejects when that is not valid. */
  reloadTls(): Promise<void>;
  /** Called when {@link CertificateWatch.concern} has changed. */
  concernChanged(): void;
}

/**
 * So long it is waited before a fault of a file is told: of a certificate and its key one is written
 * before the other.
 */
const secondLookMs = 400;

/**
 * What has failed is tried again: a process that had no free descriptor, or a function of the default TLS that had no
 * answer, does better later, and no file changes then.
 */
const retryMs = 10_000;

/**
 * At least so often the clock is looked at. Timers don't follow it: it is set, and it goes on while a machine is
 * suspended, when they don't.
 */
const longestWaitMs = 3_600_000;

/** Looks after the certificates that a server serves with: changed files, and their end. */
export class CertificateWatch {
  private material: TlsMaterial | undefined;
  private files: FileWatch | undefined;
  private nextEnd: NodeJS.Timeout | undefined;
  private secondLook: NodeJS.Timeout | undefined;
  /** One for each reload that is under way. */
  private readonly overdue = new Set<NodeJS.Timeout>();
  private fault: string | undefined;
  private told: string | undefined;

  constructor(private readonly owner: CertificateOwner) {}

  /** The server serves with this from now on, which was read a moment ago; undefined: plain HTTP. */
  watch(material: TlsMaterial | undefined): void {
    if (material !== this.material) this.follow(material);
    this.fault = undefined;
    this.tell();
  }

  /** The server does not run: nothing of it is told, and all is news when it runs again. */
  stop(): void {
    this.follow(undefined);
    this.told = undefined;
  }

  private follow(material: TlsMaterial | undefined): void {
    this.files?.close();
    this.files = undefined;
    clearTimeout(this.nextEnd);
    clearTimeout(this.secondLook);
    for (const timer of this.overdue) clearTimeout(timer);
    this.overdue.clear();
    this.material = material;
    this.fault = undefined;
    if (material === undefined || material.watchedFiles.length === 0) return;
    this.files = new FileWatch(material.watchedFiles, () => void this.reload({ isLast: false }));
  }

  /** What speaks against the certificates that are served. */
  get concern(): string | undefined {
    return this.fault ?? this.ending(Date.now());
  }

  private async reload({ isLast }: { isLast: boolean }): Promise<void> {
    clearTimeout(this.secondLook);
    const { material } = this;
    const overdue = this.tellWhenOverdue();
    try {
      await this.owner.reloadTls();
      // What is served is the same again when a bad file was put back; else it is watched by now.
      if (material === this.material) this.fault = undefined;
    } catch (error) {
      if (material === undefined || material !== this.material) return;
      if (isLast) this.fault = (error as Error).message;
      this.lookAgain(isLast ? retryMs : secondLookMs);
    } finally {
      clearTimeout(overdue);
      this.overdue.delete(overdue);
    }
    this.tell();
  }

  /** A function of the default TLS may never answer, and no certificate is renewed any more then. */
  private tellWhenOverdue(): NodeJS.Timeout {
    const timer = setTimeout(() => {
      this.fault = `its certificates are to be read anew, and could not be within ${retryMs} ms`;
      this.tell();
    }, retryMs).unref();
    this.overdue.add(timer);
    return timer;
  }

  private lookAgain(inMs: number): void {
    clearTimeout(this.secondLook);
    this.secondLook = setTimeout(() => void this.reload({ isLast: true }), inMs).unref();
  }

  private tell(): void {
    const { concern } = this;
    this.waitForNextEnd();
    if (concern === this.told) return;
    this.told = concern;
    this.owner.concernChanged();
  }

  private ending(now: number): string | undefined {
    const { material } = this;
    const untimely = material && untimelyOf(material, now);
    if (material === undefined || untimely !== undefined) return untimely;
    const first = firstEnd(material, now);
    if (!first?.isDue) return undefined;
    const { certificate } = first;
    return `${nameOf(certificate)} expires on ${new Date(certificate.notAfter).toISOString()}`;
  }

  /** Its own timer is for the event, and for the next choice; whoever asks is told by the clock. */
  private waitForNextEnd(): void {
    clearTimeout(this.nextEnd);
    const { certificates = [], expiryWarningMs = 0, chosenUntil = Infinity } = this.material ?? {};
    const now = Date.now();
    const ends = certificates.flatMap(({ notAfter }) => [notAfter - expiryWarningMs, notAfter]);
    const next = Math.min(...[...ends, chosenUntil].filter((end) => end > now));
    if (next === Infinity) return;
    const inMs = Math.min(next - now + 1, longestWaitMs);
    this.nextEnd = setTimeout(() => {
      if (Date.now() < chosenUntil) this.tell();
      else void this.reload({ isLast: true });
    }, inMs).unref();
  }
}
