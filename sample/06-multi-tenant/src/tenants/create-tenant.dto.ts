import { IsInt, IsOptional, Matches, Max, Min } from 'class-validator';

export class CreateTenantDto {
  @Matches(/^[a-z][a-z0-9-]{0,30}$/, {
    message: 'name must be 1 to 31 of a-z, 0-9 and -, and begin with a letter',
  })
  name!: string;

  /** Without one the system chooses. */
  @IsOptional()
  @IsInt()
  @Min(1024)
  @Max(65535)
  port?: number;
}
