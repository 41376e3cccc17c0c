import {
  Body,
  Controller,
  Get,
  NotFoundException,
  Param,
  ParseIntPipe,
  Post,
} from '@nestjs/common';
import { CreateNoteDto } from './create-note.dto.js';
import { NotesService, type Note } from './notes.service.js';

@Controller('notes')
export class NotesController {
  constructor(private readonly notes: NotesService) {}

  @Post()
  create(@Body() note: CreateNoteDto): Note {
    return this.notes.create(note);
  }

  @Get()
  list(): readonly Note[] {
    return this.notes.list();
  }

  @Get(':id')
  get(@Param('id', ParseIntPipe) id: number): Note {
    const note = this.notes.get(id);
    if (note === undefined) throw new NotFoundException(`There is no note ${id}`);
    return note;
  }
}
