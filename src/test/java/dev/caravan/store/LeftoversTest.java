package dev.caravan.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.event.StorePath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a process that died left unfinished goes; what is at work or was finished stays. */
class LeftoversTest {

  @TempDir Path root;

  private void sweep(Clock begun) {
    StoreTree tree = new StoreTree(root, root.resolve(".caravan"), begun);
    FileRemoval leftovers = new FileRemoval(tree);
    for (String name : List.of(".caravan-1.part", ".caravan-2.aside", "f.part")) {
      leftovers.sweep(StorePath.of(name));
    }
  }

  private void write(String name) throws IOException {
    Files.writeString(root.resolve(name), "x");
  }

  @Test
  void onlyWhatWasNeverFinishedAndIsOldGoes() throws Exception {
    write(".caravan-1.part");
    write(".caravan-2.aside");
    write("f.part");
    sweep(Clock.offset(Clock.systemUTC(), Duration.ofHours(-1)));
    assertThat(root.resolve(".caravan-1.part")).as("of this process").exists();
    sweep(Clock.offset(Clock.systemUTC(), Duration.ofHours(1)));
    assertThat(root.resolve(".caravan-1.part")).doesNotExist();
    assertThat(root.resolve(".caravan-2.aside")).as("may be the only copy").exists();
    assertThat(root.resolve("f.part")).as("somebody else's").exists();
  }

  @Test
  void whatIsNoFileStays() throws Exception {
    Files.createDirectory(root.resolve(".caravan-1.part"));
    sweep(Clock.offset(Clock.systemUTC(), Duration.ofHours(1)));
    assertThat(root.resolve(".caravan-1.part")).exists();
  }
}
