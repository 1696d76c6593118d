package dev.millrace.processor.handler;

import dev.millrace.schema.change.Change;
import dev.millrace.schema.change.PlayerKey;
import dev.millrace.schema.change.PlayerState;
import dev.millrace.schema.event.StreamId;
import java.util.List;
import java.util.Map;

/**
 * What one batch of score events comes to, before anything is written.
 *
 * @param states the new state of every player that the batch touched, in the order of first touch
 * @param change what boards and books are told; empty of events if every event had had its effect before
 * @param finished all events of the batch
 * @param depths fields of the partition's depth hash and by how much each falls
 * @param dead events that can't be applied, as entries of the dead-letter stream
 */
record ScoreStep(Map<PlayerKey, PlayerState> states, Change change, List<StreamId> finished, Map<String, Integer> depths,
        List<DeadEntry> dead) {
    /**
     * One dead letter.
     *
     * @param indexField how the index of dead letters knows it
     * @param fields names and values in turn
     */
    record DeadEntry(String indexField, List<byte[]> fields) {}
}
