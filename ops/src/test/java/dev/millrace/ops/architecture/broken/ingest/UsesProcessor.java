package dev.millrace.ops.architecture.broken.ingest;

import dev.millrace.ops.architecture.broken.processor.UsesPersister;

/** Breaks: ingest uses schema only. */
public class UsesProcessor {

    UsesPersister otherModule;
}
