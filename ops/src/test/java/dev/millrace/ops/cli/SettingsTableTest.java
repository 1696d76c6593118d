package dev.millrace.ops.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.ops.testkit.Documentation;
import dev.millrace.schema.settings.Setting;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class SettingsTableTest {
    @Test
    void theReadmeListsEverySettingAsTheCodeHasIt() throws IOException {
        assertThat(Documentation.between("settings", "README.md")).as("README.md must hold what `./millrace settings --markdown` prints")
                .isEqualTo(ReferenceTable.settings().markdown());
    }

    @Test
    void eachSettingIsARowWithItsDefaultAndWhatItIs() {
        assertThat(ReferenceTable.settings().markdown().lines()).hasSize(2 + Setting.values().length)
                .startsWith("| setting | default | what it is |",
                        "|---|---|---|")
                .contains("| `PORT` | `8080` | port of the API |");
    }
}
