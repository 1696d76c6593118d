package dev.millrace.ops.architecture.broken.processor.handler;

import dev.millrace.ops.architecture.broken.schema.AllLibrariesHelper;

/** Breaks nothing but closes a cycle, all around the modules. */
public class UsesSchema {

    AllLibrariesHelper schema;
}
