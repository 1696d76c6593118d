package dev.millrace.schema.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.millrace.schema.event.StreamId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class BoardMemberTest {
    private static final long LAST_MS = (1L << 48) - 1;

    @Test
    void bytesAreWhatTheyHaveAlwaysBeen() {
        byte[] bytes = new BoardMember(new StreamId(1_767_225_600_000L, 258).packed(), "ann").toBytes();
        assertThat(HexFormat.of().formatHex(bytes)).isEqualTo("019b76daa8000102616e6e");
    }

    @Test
    void readsBack() {
        for (long achieved : new long[]{0, 1, 0xFFFF, Long.MAX_VALUE, Long.MIN_VALUE, -1}) {
            BoardMember member = new BoardMember(achieved, "a.b_c~d:e@f-9");
            assertThat(BoardMember.of(member.toBytes())).isEqualTo(member);
        }
    }

    /** Redis puts members of equal scores in the order of their bytes, which it compares as unsigned. */
    @Test
    void bytesAreInTheOrderInWhichScoresWereReached() {
        List<StreamId> ids = List.of(StreamId.ZERO, new StreamId(0, 1), new StreamId(0, 0x7F), new StreamId(0, 0x80),
                new StreamId(0, 0xFFFF),
                new StreamId(1, 0), new StreamId(0x7F, 0), new StreamId(0x80, 0), new StreamId(1_767_225_600_000L, 0),
                new StreamId(1_767_225_600_000L, 1), new StreamId(LAST_MS / 2, 0xFFFF), new StreamId(LAST_MS / 2 + 1, 0),
                new StreamId(LAST_MS, 0xFFFF));
        List<byte[]> members = new ArrayList<>();
        for (int i = 0; i < ids.size(); i++) {
            // Later ids get lower names, so that the name can't be what sorts them.
            members.add(new BoardMember(ids.get(i).packed(), "player-" + (char) ('z' - i)).toBytes());
        }
        List<byte[]> shuffled = new ArrayList<>(members);
        Collections.shuffle(shuffled, new Random(1));
        shuffled.sort(Arrays::compareUnsigned);
        assertThat(shuffled).containsExactlyElementsOf(members);
    }

    @Test
    void membersOfOneInstantAreInTheOrderOfTheirNames() {
        List<String> names = new ArrayList<>(List.of("-", ".", "0", "9", ":", "@", "A", "Z", "_", "a", "aa", "ab", "b", "z", "~"));
        List<String> sorted = names.stream().map(name -> new BoardMember(5, name))
                .sorted(Comparator.comparing(BoardMember::toBytes, Arrays::compareUnsigned))
                .map(BoardMember::player).toList();
        assertThat(sorted).containsExactlyElementsOf(names);
    }

    @Test
    void refusesBytesWithoutAPlayer() {
        for (int length = 0; length <= 8; length++) {
            byte[] bytes = new byte[length];
            assertThatIllegalArgumentException().isThrownBy(() -> BoardMember.of(bytes));
        }
    }
}
