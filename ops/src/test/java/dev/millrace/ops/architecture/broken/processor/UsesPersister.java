package dev.millrace.ops.architecture.broken.processor;

import dev.millrace.ops.architecture.broken.persister.UsesHandler;

/** Breaks: processor uses schema only. */
public class UsesPersister {

    UsesHandler otherModule;
}
