package dev.millrace.ops.architecture.broken.persister;

import dev.millrace.ops.architecture.broken.processor.handler.UsesSchema;

/** Breaks: of processor, persister uses its engine only. */
public class UsesHandler {

    UsesSchema handler;
}
