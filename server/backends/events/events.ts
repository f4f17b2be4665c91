/** What happened to a file: a row of the event log. `id` grows with every event of the installation. */
export interface FileEvent {
  readonly id: number;
  readonly workspaceId: string;
  readonly fileId: string;
  readonly type: 'status_update' | 'progress_update';
  /** Never holds a value of a row. */
  readonly data: { readonly status: string; readonly phase: string; readonly progress: number };
  readonly createdAt: number;
}

/** Tells those who listen of events that are already in the log, so that they need not ask the database again and again. */
export interface EventBus {
  /** To be called after the event's transaction has been committed. */
  publish(event: FileEvent): void;
  /** Calls `listener` for every event of the file until the returned function is called. */
  subscribe(fileId: string, listener: (event: FileEvent) => void): () => void;
  close(): Promise<void>;
}
