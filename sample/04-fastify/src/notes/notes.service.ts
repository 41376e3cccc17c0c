import { Injectable } from '@nestjs/common';

/** Keeps the notes in memory: the same ones for the controllers of both servers. */
@Injectable()
export class NotesService {
  private notes: string[] = [];

  add(text: string): void {
    this.notes.push(text);
  }

  list(): readonly string[] {
    return this.notes;
  }

  clear(): void {
    this.notes = [];
  }
}
