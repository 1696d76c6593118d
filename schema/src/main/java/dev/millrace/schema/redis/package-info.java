/**
 * The way to Redis: every key, the connection with its time-outs and its circuit, and the script loader.
 */
@NullMarked
package dev.millrace.schema.redis;

import org.jspecify.annotations.NullMarked;
