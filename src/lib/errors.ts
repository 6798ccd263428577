// An error that is the user's to read: the CLI prints its message as one line and exits with its status.

export class UserError extends Error {
  readonly exitStatus: number;

  constructor(message: string, exitStatus = 1) {
    super(message);
    this.exitStatus = exitStatus;
  }
}
