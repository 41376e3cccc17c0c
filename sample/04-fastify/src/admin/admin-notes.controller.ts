import { Controller, Delete, Get, HttpCode } from '@nestjs/common';
import { NotesService } from '../notes/notes.service.js';

@Controller('notes')
export class AdminNotesController {
  constructor(private readonly notes: NotesService) {}

  @Get()
  count(): { count: number } {
    return { count: this.notes.list().length };
  }

  @Delete()
  @HttpCode(204)
  clear(): void {
    this.notes.clear();
  }
}
