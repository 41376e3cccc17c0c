import { Body, Controller, Get, Post } from '@nestjs/common';
import { CreateNoteDto } from './create-note.dto.js';
import { NotesService } from './notes.service.js';

@Controller('notes')
export class NotesController {
  constructor(private readonly notes: NotesService) {}

  @Post()
  create(@Body() { text }: CreateNoteDto): readonly string[] {
    this.notes.add(text);
    return this.notes.list();
  }

  @Get()
  list(): readonly string[] {
    return this.notes.list();
  }
}
