package dev.millrace.ingest.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.millrace.ingest.problem.ProblemException;
import dev.millrace.ingest.problem.ProblemType;
import org.junit.jupiter.api.Test;

final class BodyRoomTest {
    private final BodyRoom room = new BodyRoom(100 * BodyRoom.WEIGHT);

    @Test
    void bodiesTakeRoomTogetherAsTheyGrowAndGiveItBack() {
        try (BodyRoom.Place one = room.place(); BodyRoom.Place other = room.place()) {
            one.fit(60);
            one.fit(40);
            other.fit(40);
            assertThatExceptionOfType(ProblemException.class).isThrownBy(() -> other.fit(41)).satisfies(e -> {
                assertThat(e.problem().type()).isEqualTo(ProblemType.UNAVAILABLE);
                assertThat(e.problem().retryAfterSeconds()).isEqualTo(1);
            });
            one.close();
            other.fit(100);
        }
        try (BodyRoom.Place later = room.place()) {
            later.fit(100);
        }
    }

    @Test
    void theLargestBodyFitsIntoAnyHeap() {
        try (BodyRoom.Place place = BodyRoom.ofHeap(1L << 40).place()) {
            place.fit(1L << 40);
        }
    }
}
