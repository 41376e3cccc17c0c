import { Injectable } from '@nestjs/common';
import type { CreateNoteDto } from './create-note.dto.js';

export interface Note {
  id: number;
  text: string;
  tags: string[];
}

/** Keeps the notes in memory. */
@Injectable()
export class NotesService {
  private readonly notes: Note[] = [];

  create({ text, tags = [] }: CreateNoteDto): Note {
    const note = { id: this.notes.length + 1, text, tags };
    this.notes.push(note);
    return note;
  }

  list(): readonly Note[] {
    return this.notes;
  }

  get(id: number): Note | undefined {
    return this.notes[id - 1];
  }
}
